"""The first run: stages in order, each with counts that must balance, each done once.

A stage that ended is written down; a run that was killed goes on at the stage it was in, whose
acts are idempotent. Nothing is printed that was not counted.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from django.urls import reverse

from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import YiwangError
from yiwang.lake import Lake
from yiwang.packkit import Library

SPAN = timedelta(days=3)
"""The story of the demo begins this long before it is told."""


class CountsUnbalanced(YiwangError):
    """Two counts of a stage that must be equal are not."""

    code = "boot.counts_unbalanced"


@dataclass(frozen=True)
class Balance:
    """Two counts that must be equal, and what they are."""

    what: str
    left: int
    right: int


@dataclass(frozen=True)
class Told:
    """What a stage tells: counts by Chinese name, balances, and the page that shows it."""

    counts: Mapping[str, int | str]
    balances: Sequence[Balance] = ()
    page: tuple[str, ...] = ("portal:home",)
    """The route that shows it, and its arguments."""

    @property
    def address(self) -> str:
        """Where the page is."""
        return reverse(self.page[0], args=self.page[1:])


@dataclass(frozen=True)
class Stage:
    """One stage: an id for the progress file, a title for people, and what it does."""

    id: str
    title: str
    run: Callable[["Journey"], Told]


@dataclass
class Journey:
    """One demo county in one folder. ``begun_at`` is the first instant of its story."""

    home: Path
    library: Library
    lake: Lake
    begun_at: datetime
    seed: int
    people: int
    password: Callable[[], identity.HashedPassword]
    """The demo's password, hashed for one more account."""
    say: Callable[[str], object] = print
    kept: dict[str, object] = field(default_factory=dict)
    """What later stages need of earlier ones: numbers of cases, the key of a grant."""

    @cached_property
    def told_at(self) -> datetime:
        """The last instant of the story: the present of the demo."""
        return self.begun_at + SPAN

    def walk(self, stages: Iterable[Stage]) -> list[Told]:
        """Run what is not done yet, tell everything; raises ``CountsUnbalanced``."""
        stages, told = list(stages), []
        for number, stage in enumerate(stages, 1):
            began = time.monotonic()
            done = self._done().get(stage.id)
            self.say(f"[{number:2}/{len(stages)}] {stage.title}" + ("" if done else " …"))
            story = done or stage.run(self)
            for balance in story.balances:
                _demand_balance(stage, balance)
            seconds = time.monotonic() - began
            if done is None:
                self._note(stage.id, story)
            self._tell(story, "先前已完成" if done else f"{seconds:.1f} 秒")
            told.append(story)
        return told

    def keep(self, **facts: object) -> None:
        """Remember facts for later stages, also after a restart."""
        self.kept.update(facts)
        self._write({**self._state(), "kept": self.kept})

    def remember(self) -> None:
        """Take up what an earlier run kept, and note when the story began."""
        state = self._state()
        self.kept = dict(state.get("kept", {}))
        if "begun_at" not in state:
            self._write({"begun_at": self.begun_at.isoformat(), "kept": {}, "stages": {}})

    @property
    def progress(self) -> Path:
        """The file in which finished stages are noted."""
        return self.home / "demo.json"

    def _tell(self, story: Told, when: str) -> None:
        counts = "，".join(f"{name} {_number(value)}" for name, value in story.counts.items())
        self.say(f"        {counts}（{when}）")
        for balance in story.balances:
            self.say(f"        ✓ {balance.what}：{balance.left:,} = {balance.right:,}")
        self.say(f"        → {story.address}")

    def _done(self) -> dict[str, Told]:
        return {
            name: Told(
                counts=told["counts"],
                balances=[Balance(**one) for one in told["balances"]],
                page=tuple(told["page"]),
            )
            for name, told in self._state().get("stages", {}).items()
        }

    def _note(self, stage: str, story: Told) -> None:
        state = self._state()
        state.setdefault("stages", {})[stage] = asdict(story)
        self._write({**state, "kept": self.kept})

    def _state(self) -> dict[str, dict[str, dict]]:
        return json.loads(self.progress.read_text()) if self.progress.exists() else {}

    def _write(self, state: Mapping[str, object]) -> None:
        fresh = self.progress.with_suffix(".new")
        fresh.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(self.progress)


def _demand_balance(stage: Stage, balance: Balance) -> None:
    if balance.left != balance.right:
        raise CountsUnbalanced(
            f"“{stage.title}”的数对不上：{balance.what}，{balance.left} ≠ {balance.right}。",
            hint="删除数据目录后重新运行；若仍不平，请带上 demo.json 报告问题。",
            stage=stage.id,
        )


def _number(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value
