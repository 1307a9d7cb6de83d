"""What is committed: tables with their snapshots, and the one way to add a snapshot."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from yiwang.kernel.errors import Conflict, NotFound
from yiwang.kernel.ids import new_id
from yiwang.lake.backends.duck import engine_errors
from yiwang.lake.backends.iceberg import State, Tables, files_named
from yiwang.lake.outcomes import Snapshot
from yiwang.lake.plans import Type, check_name
from yiwang.lake.workspace import Workspace, locked, sweep, workspace


class TableUnknown(NotFound):
    """No table of this name has ever been collected, published or written."""

    code = "lake.table_unknown"


class SnapshotUnknown(NotFound):
    """The table has no such snapshot, or none as old as the instant asked for."""

    code = "lake.snapshot_unknown"


class BaseMoved(Conflict):
    """Another commit came between reading a table and committing what was computed from it."""

    code = "lake.base_moved"


class Store:
    """The committed side of a lake folder. Opening it clears what killed runs left behind."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.root.mkdir(parents=True, exist_ok=True)
        with locked(self.root / ".commit.lock"):
            self.tables = Tables(self.root)
        sweep(self.root / "staging", undo=self._undo)

    @contextmanager
    def run(self) -> Iterator[Workspace]:
        """A working folder for one run."""
        with workspace(self.root / "staging", undo=self._undo) as work:
            yield work

    def states(self, name: str) -> list[State]:
        """The snapshots of a table that exists, oldest first."""
        states = self.tables.states(name)
        if not states:
            raise TableUnknown(
                f"数据湖里还没有表 {name}。", hint="请先归集或发布它；或检查表名。", table=name
            )
        return states

    def state(self, name: str, as_of: str | datetime | None = None) -> State:
        """The latest snapshot, the one with this id, or the latest not after an instant."""
        states = self.states(name)
        if as_of is None:
            return states[-1]
        if isinstance(as_of, datetime):
            found = [state for state in states if instant(state) <= as_of]
        else:
            found = [state for state in states if state.id == as_of]
        if not found:
            raise SnapshotUnknown(
                f"表 {name} 没有 {as_of} 的快照。",
                hint="请查看该表的快照清单。",
                table=name,
                as_of=str(as_of),
            )
        return found[-1]

    def find_run(self, name: str, run: str) -> State | None:
        """The snapshot that a run has committed, if it has."""
        return next((s for s in self.tables.states(name) if s.facts.get("yiwang.run") == run), None)

    def files(self, name: str, state: State) -> Sequence[Path]:
        """The Parquet files of a snapshot."""
        return self.tables.files(name, state.id)

    def rejected_file(self, name: str, state: State) -> Path | None:
        """The quarantine file that was committed together with a snapshot."""
        file = state.facts.get("yiwang.rejected", "")
        return self._rejected_folder(name) / file if file else None

    def accepted_keys(self, name: str, state: State) -> Path | None:
        """The keys that a merged load accepted; none for a load that replaced the whole table."""
        file = state.facts.get("yiwang.accepted", "")
        return self._rejected_folder(name) / file if file else None

    def commit(
        self,
        work: Workspace,
        name: str,
        *,
        columns: Mapping[str, Type],
        files: Sequence[Path],
        kept: Sequence[Path] = (),
        base: str | None = None,
        rejected: Path | None = None,
        accepted: Path | None = None,
        facts: Mapping[str, str],
    ) -> State:
        """Move the files into place and commit them, with the ``kept`` ones, as one snapshot.

        Beside it lie its quarantine (``rejected``) and the keys that it merged (``accepted``).

        With ``yiwang.run`` in ``facts``, a run that somebody has committed meanwhile is returned
        as it stands and nothing is committed twice. With ``base``, the snapshot that the files
        were computed from: ``BaseMoved`` when another commit came between.
        """
        mark = new_id()
        with locked(self.root / ".commit.lock"), engine_errors():
            if done := self._done(name, facts):
                return done
            self._demand_base(name, base)
            names = _names(files, mark)
            beside = _beside(rejected, accepted, mark)
            moves = self._moves(name, names, beside)
            work.claim(table=name, targets=list(moves.values()))
            for origin, target in moves.items():
                _move(origin, target)
            snapshot = self.tables.replace(
                name,
                columns=columns,
                files=[moves[file] for file in files],
                kept=frozenset(kept),
                facts={**facts, **_file_facts([*names.values()], beside)},
            )
            return next(state for state in self.tables.states(name) if state.id == snapshot)

    def _done(self, name: str, facts: Mapping[str, str]) -> State | None:
        run = facts.get("yiwang.run", "")
        return self.find_run(name, run) if run else None

    def _demand_base(self, name: str, base: str | None) -> None:
        if base is not None and base != self._latest(name):
            raise BaseMoved(f"{name} 在计算期间有了新快照，重新计算。", table=name)

    def _moves(
        self, name: str, names: Mapping[Path, str], beside: Mapping[str, tuple[Path, str]]
    ) -> dict[Path, Path]:
        """Where each file of a commit goes."""
        moves = {file: self.tables.folder(name) / "data" / to for file, to in names.items()}
        return moves | {file: self._rejected_folder(name) / to for file, to in beside.values()}

    def _latest(self, name: str) -> str:
        states = self.tables.states(name)
        return states[-1].id if states else ""

    def _rejected_folder(self, name: str) -> Path:
        pack, table = check_name(name)
        return self.root / "rejected" / pack / table

    def _undo(self, folder: Path) -> None:
        """Remove files that a run had moved into place but that no snapshot claims."""
        claim_file = folder / "claim.json"
        if not claim_file.exists():
            return
        try:
            claim = json.loads(claim_file.read_text())
        except ValueError:  # killed while writing the claim: nothing was moved yet
            return
        with locked(self.root / ".commit.lock"):
            committed = files_named(self.tables.states(claim["table"]))
            strays = [Path(file) for file in claim["targets"] if Path(file).name not in committed]
            for file in strays:
                file.unlink(missing_ok=True)
            if strays:
                self.tables.remove_strays(claim["table"])


def _names(files: Sequence[Path], mark: str) -> dict[Path, str]:
    """What the files of one commit are called."""
    if len(files) == 1:
        return {files[0]: f"{mark}.parquet"}
    return {file: f"{mark}.{number}.parquet" for number, file in enumerate(files)}


def _beside(rejected: Path | None, accepted: Path | None, mark: str) -> dict[str, tuple[Path, str]]:
    """The files beside a commit: what each is, where it lies and what it will be called."""
    found = {}
    if rejected is not None:
        found["yiwang.rejected"] = (rejected, f"{mark}.parquet")
    if accepted is not None:
        found["yiwang.accepted"] = (accepted, f"{mark}.accepted.parquet")
    return found


def _file_facts(names: Sequence[str], beside: Mapping[str, tuple[Path, str]]) -> dict[str, str]:
    lying = {fact: name for fact, (_, name) in beside.items()}
    return {**lying, "yiwang.files": "\n".join(dict.fromkeys([*names, *lying.values()]))}


def instant(state: State) -> datetime:
    """The instant at which a snapshot says it was made."""
    return datetime.fromisoformat(state.facts["yiwang.at"])


def as_snapshot(state: State) -> Snapshot:
    """A state as others see it."""
    return Snapshot(
        id=state.id,
        at=instant(state),
        rows=int(state.facts["yiwang.rows"]),
        run=state.facts.get("yiwang.run", ""),
    )


def _move(origin: Path, target: Path) -> None:
    """Rename, with the content on disk before the name is."""
    with origin.open("rb") as handle:
        os.fsync(handle.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    origin.rename(target)
