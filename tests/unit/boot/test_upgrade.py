"""An upgrade: what is checked before it, what it refuses, what it leaves; a store never guessed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import prepared
import pytest
import stores
import yaml
from cast import NINE

from yiwang.boot.folder import StoreElsewhere, demand_store, note_store
from yiwang.boot.running import upgrading
from yiwang.boot.starting import start_django

STORY = """
import json, sys
from pathlib import Path
from click.testing import CliRunner
from yiwang.boot.cli import main

home, packs = Path(sys.argv[1]), Path(sys.argv[2])
told = {}

def typed(name, command, *words):
    done = CliRunner().invoke(main, [command, *words, "--data", str(home)])
    told[name] = [done.exit_code, done.output]

typed("installed", "install")
from django.core.management import call_command
from yiwang.apps.catalog import public as catalog
from yiwang.kernel.clock import system_clock
from yiwang.packkit import current
call_command("migrate", "jobs", "0001", verbosity=0)
typed("served", "serve")
typed("worked", "worker")
typed("installed anew", "install")
typed("doctor", "doctor")
typed("checked", "upgrade", "--check")
typed("without backup", "upgrade")
typed("backed up", "backup", str(home.with_name("kept")))
codes = packs / "base" / "registers" / "sex.csv"
good = codes.read_text("utf-8")
codes.write_text(good + "too,many,cells,by,far\\n", "utf-8")
current._read.clear()
typed("packs broken", "upgrade")
codes.write_text(good + "7,示例\\n", "utf-8")
current._read.clear()
typed("checked again", "upgrade", "--check")
typed("upgraded", "upgrade")
typed("nothing left", "upgrade", "--check")
typed("installed twice", "install")
typed("doctor after", "doctor")
typed("demo", "demo", "--once")
told["codes"] = [one["code"] for one in catalog.entries_at("base.sex", at=system_clock())]
told["in the lake"] = [one["code"] for one in catalog.lake().rows("SELECT code FROM base.sex")]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(repository: Path, tmp_path_factory, django_db_setup, django_db_blocker):
    """What an operator is told, command by command, of a small installation."""
    root = tmp_path_factory.mktemp("upgraded")
    packs = root / "packs"
    _a_small_place(repository / "packs", packs)
    home = root / "home"
    home.mkdir()
    if not stores.ON_POSTGRESQL:  # forty migrations would take half a minute
        with django_db_blocker.unblock():
            prepared.copy_to(home / "yiwang.sqlite")
    own = {name: text for name, text in os.environ.items() if not name.startswith("YIWANG_")}
    own |= stores.store_of(home) | {"YIWANG_PACKS": str(packs), "YIWANG_LOG": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-c", STORY, str(home), str(packs)],
        env=own | {"DJANGO_SETTINGS_MODULE": "yiwang.boot.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def _a_small_place(packs: Path, to: Path) -> None:
    """One pack, and organs without posts: installed in seconds."""
    shutil.copytree(packs / "base", to / "base")
    registers = to / "places" / "siyang" / "registers"
    registers.mkdir(parents=True)
    for path in (packs / "places/siyang/registers").glob("base.*"):
        shutil.copy(path, registers)
    place = yaml.safe_load((packs / "places/siyang/place.yaml").read_text("utf-8"))
    organs = {name: {**organ, "roles": {}} for name, organ in place["organs"].items()}
    kept = {name: place[name] for name in ("title", "brand", "division", "number_prefix")}
    small = {**kept, "packs": ["base"], "organs": organs}
    text = yaml.safe_dump(small, allow_unicode=True)
    (registers.parent / "place.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize("command", ["served", "worked", "installed anew"])
def test_a_store_of_an_earlier_version_is_upgraded_by_upgrade_alone(told, command):
    assert told["installed"][0] == 0
    assert told[command] == [
        1,
        "错误：业务库比程序旧，有 1 步升级没有执行，没有启动。\n"
        "办法：先运行 yiwang backup 目录，再运行 yiwang upgrade，然后重新启动。\n",
    ]
    assert "有 1 步升级没有执行：jobs.0002_probes" in told["doctor"][1]


def test_the_check_names_every_step_and_every_obstacle_and_does_nothing(told):
    code, text = told["checked"]
    assert code == 1
    assert "待升级 jobs.0002_probes" in text
    assert "✗ 没有一天之内的备份" in text
    assert "jobs.0002_probes" in told["checked again"][1]


def test_an_upgrade_is_refused_without_a_backup_of_today(told):
    assert told["without backup"][0] == 1
    assert "没有一天之内的备份，没有升级" in told["without backup"][1]


def test_packs_that_this_version_refuses_are_found_before_anything_is_done(told):
    code, text = told["packs broken"]
    assert code == 1
    assert "新版本不接受这些场景包：base，没有升级" in text


def test_an_upgrade_takes_over_what_the_packs_say_now(told):
    assert told["backed up"][0] == 0
    assert told["upgraded"][0] == 0, told["upgraded"][1]
    assert "业务库升级了 1 步，场景包已重新安装" in told["upgraded"][1]
    assert "7" in told["codes"]
    assert "7" in told["in the lake"]
    assert told["nothing left"] == [0, "业务库的结构已是最新\n"]


@pytest.mark.django_db
def test_an_upgrade_wants_room_for_what_is_written_anew(tmp_path, settings, monkeypatch):
    settings.HOME = tmp_path
    assert upgrading.obstacles(tmp_path, at=NINE, needs_backup=False) == []
    monkeypatch.setattr(upgrading, "LEAST_FREE", 1 << 60)

    (told,) = upgrading.obstacles(tmp_path, at=NINE, needs_backup=False)
    assert isinstance(told, upgrading.NoRoomToUpgrade)
    assert "扩容" in told.hint


def test_an_installation_is_renewed_by_installing_again(told):
    assert told["installed twice"][0] == 0
    assert "三员账户先前已建立，没有改动" in told["installed twice"][1]
    assert "没有安装" not in told["doctor after"][1]
    assert "管理员账户" not in told["doctor after"][1]


def test_a_demo_is_not_told_in_the_folder_of_an_installation(told):
    assert told["demo"][0] == 1
    assert "里是正式安装的平台，没有在其中演示" in told["demo"][1]


def test_a_folder_whose_rows_are_on_postgresql_opens_no_file_beside_it(tmp_path, monkeypatch):
    note_store(tmp_path, kind="postgres")
    monkeypatch.delenv("YIWANG_DATABASE", raising=False)

    with pytest.raises(StoreElsewhere, match="PostgreSQL，这次运行用的却是 SQLite"):
        start_django(home=tmp_path)
    assert not (tmp_path / "yiwang.sqlite").exists()


def test_a_folder_with_its_own_file_is_not_served_from_a_server(tmp_path):
    note_store(tmp_path, kind="sqlite")

    with pytest.raises(StoreElsewhere, match="却是 PostgreSQL"):
        demand_store(tmp_path, kind="postgres")
    demand_store(tmp_path, kind="sqlite")
