"""What a pack offers to open: columns that exist, that may be opened so, and fitting coarseness."""

from yiwang.kernel.errors import YiwangError
from yiwang.lake import OpenColumn
from yiwang.lake.openness import check_coarse
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.resources import Release


def look(looking: Looking) -> None:
    """releases/."""
    for name, release in looking.pack.releases.items():
        _release(looking, f"releases/{name}.yaml", release)


def _release(looking: Looking, path: str, release: Release) -> None:
    if release.cycle:
        looking.cycle(release.cycle, path, "cycle")
    columns = looking.table_columns(release.table, path, "table")
    table = looking.shelf.tables().get(release.table)
    if not columns or table is None:
        return
    for number, column in enumerate(release.columns):
        looking.choice(column, columns, "列", path, "columns", number)
        if column in table.columns and table.columns[column].open == "none":
            looking.tell(f"列“{column}”不予开放", "从 columns 中删去", path, "columns", number)
    for part in ("coarse", "declared"):
        for column in getattr(release, part):
            looking.choice(column, release.columns, "列", path, part, column)
    for column, coarse in release.coarse.items():
        if column in columns:
            try:
                check_coarse(OpenColumn(name=column, type=columns[column], coarse=coarse))
            except YiwangError as error:
                looking.refused(error, path, "coarse", column)
