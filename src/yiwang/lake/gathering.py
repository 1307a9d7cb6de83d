"""Sources opened: folders of files, SQLite files, PostgreSQL, MariaDB, as extracts for one pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from yiwang.kernel.errors import Unavailable
from yiwang.lake.backends import databases
from yiwang.lake.backends.duck import COLLECTING, Connection, literal, open_engine, quoted
from yiwang.lake.delimited import prepare
from yiwang.lake.extracts import Extract, SourceUnreadable
from yiwang.lake.plans import FeedPlan, PlanMalformed, Source, Window
from yiwang.lake.portions import ROWS, Piece, pieces
from yiwang.lake.prepared import Prepared
from yiwang.lake.sheets import prepare_sheet

_SHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".et")
_BLANK = " \t\r\n\u00a0\u3000\ufeff"


class SourceMissing(Unavailable):
    """The file or folder a feed reads is not there."""

    code = "lake.source_missing"


class SourceChanged(Unavailable):
    """A file was written to while it was being read."""

    code = "lake.source_changed"


@dataclass
class Gathered:
    """An engine that sees the source, and the extracts to be read with it."""

    engine: Connection
    extracts: list[Extract] = field(default_factory=list)


@contextmanager
def gathered(
    plan: FeedPlan, source: Source, *, work: Path, tables: Path, window: Window | None = None
) -> Iterator[Gathered]:
    """Open a source; on leaving, files must not have changed meanwhile.

    A database may leave out rows outside the ``window``; what it hands over is looked at again.
    """
    if source.kind == "folder":
        files = _files(plan, source.path)
        before = [_stamp(file) for file in files]
        engine = open_engine(
            folders=[tables, work, source.path], scratch=work / "scratch", threads=COLLECTING
        )
        try:
            yield Gathered(
                engine,
                [one for n, file in enumerate(files) for one in _file(plan, file, work, n)],
            )
            if [_stamp(file) for file in files] != before:
                raise SourceChanged(
                    f"{plan.name} 的来源文件在读取时被改写，未归集。",
                    hint="请在提供部门写完文件后重跑。",
                    feed=plan.name,
                )
        finally:
            engine.close()
        return
    if not plan.shape.table:
        raise PlanMalformed(
            f"{plan.name} 没有写明数据库的表。", hint="请在 shape.table 写表名。", feed=plan.name
        )
    with databases.opened(plan, source, work=work, tables=tables, window=window) as (
        engine,
        extract,
    ):
        yield Gathered(engine, [extract])


def _files(plan: FeedPlan, folder: Path) -> list[Path]:
    pattern = plan.shape.file
    if not pattern or "/" in pattern or ".." in pattern:
        raise PlanMalformed(
            f"{plan.name} 的文件名样式“{pattern}”不可用。",
            hint="请写不含路径的文件名或通配样式，例如 死亡登记_*.csv。",
            feed=plan.name,
        )
    found = sorted(folder.glob(pattern)) if folder.is_dir() else []
    if not found:
        raise SourceMissing(
            f"{plan.name} 的来源里没有文件 {pattern}。",
            hint="请核对 sources.yaml 的文件夹，或等提供部门放入文件。",
            feed=plan.name,
        )
    return found


def _stamp(file: Path) -> tuple[int, int]:
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns


def _file(plan: FeedPlan, file: Path, work: Path, number: int) -> list[Extract]:
    """The extracts of one file: one, or the pieces of a large one."""
    if file.suffix.lower() in _SHEETS:
        return [_extract(file.name, prepare_sheet(plan, file, to=work / f"source{number}.csv"))]
    if file.stat().st_size == 0:
        return [Extract(file=file.name, relation="", names={}, texts={}, rows=0)]
    to = work / f"source{number}.csv"
    prepared = prepare(plan, file, to=to)
    if prepared.has_lines or prepared.rows < 2 * ROWS:
        return [_delimited(plan, file, prepared, to)]
    folder = work / f"pieces{number}"
    folder.mkdir()
    cut = pieces(file, marks=prepared.marks)
    return [_piece(plan, folder, prepared, piece) for piece in cut]


def _delimited(plan: FeedPlan, file: Path, prepared: Prepared, to: Path) -> Extract:
    if prepared.rows == 0 and prepared.broken:
        raise SourceUnreadable(
            f"{file.name} 的 {len(prepared.broken)} 行没有一行可读。",
            hint="请核对文件的编码与分隔符。",
            file=file.name,
            reason=prepared.broken[0].reason,
        )
    extract = _extract(file.name, prepared)
    if prepared.has_lines:
        return extract

    def careful() -> Extract:
        return _delimited(plan, file, prepare(plan, file, to=to, careful=True), to)

    return replace(extract, careful=careful)


def _piece(plan: FeedPlan, folder: Path, whole: Prepared, piece: Piece) -> Extract:
    name, path = piece.whole.name, folder / f"{piece.first_line}.csv"

    def careful() -> Extract:
        piece.write(path)
        to = path.with_suffix(".careful")
        return _extract(name, prepare(plan, path, to=to, careful=True), shift=piece.shift)

    return replace(
        _extract(name, replace(whole, path=path, rows=piece.rows, size=piece.size)),
        first_line=piece.first_line,
        careful=careful,
        opened=lambda: piece.poured(path),
    )


def _extract(name: str, prepared: Prepared, *, shift: int = 0) -> Extract:
    """``shift`` is added to the numbers of lines."""
    lines = 1 if prepared.has_lines else 0
    width = prepared.width + lines
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(width))
    line = f"CAST(c0 AS BIGINT) + {shift}" if lines else "CAST(NULL AS BIGINT)"
    relation = (
        f"SELECT {line} AS _line, * "
        f"FROM read_csv({literal(str(prepared.path))}, columns = {{{columns}}}, "
        f"delim = {literal(prepared.separator)}, quote = '\"', escape = '\"', header = false, "
        f"skip = {prepared.skip}, auto_detect = false, max_line_size = 16777216, "
        "buffer_size = 33554432)"
    )
    texts = {}
    for column, position in prepared.columns.positions.items():
        text = quoted(f"c{position + lines}")
        texts[column] = f"nullif(trim({text}, {literal(_BLANK)}), '')" if prepared.trimmed else text
    return Extract(
        file=name,
        relation=relation,
        names=prepared.columns.names,
        texts=texts,
        rows=prepared.rows,
        size=prepared.size,
        first_line=prepared.skip + 1,
        has_lines=prepared.has_lines,
        broken=[replace(one, line=one.line + shift) for one in prepared.broken],
        notes=prepared.notes,
        unused=prepared.unused,
    )
