"""Begin or resume the demo of a place: the folder, the database, the stages."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.boot.demo import cast
from yiwang.boot.demo.hashing import Next, hashed_ahead
from yiwang.boot.demo.journey import SPAN, Journey
from yiwang.boot.demo.stages import stages_of
from yiwang.boot.running.upgrading import DEMO, bring_up, is_anybody_there
from yiwang.boot.work import register_work
from yiwang.kernel.errors import Conflict
from yiwang.packkit.current import current_library

SEED = 321_323
PEOPLE = 51_000


class FolderOfAnInstallation(Conflict):
    """The demo's accounts share a known password: they are not made beside real ones."""

    code = "boot.folder_of_an_installation"


def tell(
    *, home: Path, packs: Path, place: str, at: datetime, people: int, say: Callable[[str], object]
) -> Journey:
    """Walk all stages in ``home``; what an earlier run finished is told, not done again."""
    is_begun = (home / DEMO).exists()
    if not is_begun and is_anybody_there():
        raise FolderOfAnInstallation(
            f"数据目录 {home} 里是正式安装的平台，没有在其中演示。",
            hint="用 --data 另指定一个目录。",
        )
    count = 0 if is_begun else cast.ACCOUNTS
    with hashed_ahead(cast.demo_password(home), count=count) as password:
        journey = _begin(home, packs, place, at, people, say, password)
        journey.remember()
        journey.walk(stages_of(journey.library.packs))
    return journey


def _begin(
    home: Path,
    packs: Path,
    place: str,
    at: datetime,
    people: int,
    say: Callable[[str], object],
    password: Next,
) -> Journey:
    """The database, the packs, and where the story stands."""
    register_work()  # a stage may ask for a job before any worker runs
    bring_up(home)  # also what an earlier version told: nothing in it matters
    library = current_library(packs, place, home)
    identity.register_divisions(library.divisions)
    register_work()
    for name, refusal in library.refused.items():
        say(f"包 {name} 未启用：{refusal}")
    return Journey(
        home=home,
        library=library,
        lake=catalog.lake(),
        begun_at=_begun(home, at - SPAN),
        seed=SEED,
        people=people,
        password=password,
        say=say,
    )


def accounts(journey: Journey) -> list[str]:
    """One line per demo account: name, what to look at with it."""
    lines = [f"{one.username:<13}{one.look}" for one in cast.parts(journey)]
    lines.append(f"{cast.RESIDENT:<13}居民本人：我的档案、谁看过我、我的证照")
    lines += [f"{name:<13}{look}" for name, look in cast.RESIDENTS.values()]
    return lines


def _begun(home: Path, begin: datetime) -> datetime:
    """The first instant of the story: of the run that was begun here, else ``begin``."""
    note = home / "demo.json"
    if note.exists() and (known := json.loads(note.read_text()).get("begun_at")):
        return datetime.fromisoformat(known)
    return begin
