"""变动序号: each published change of an entry has the next number, in the order of commits."""

from yiwang.apps.catalog.models import EntryTurn


def take_turns(count: int = 1) -> int:
    """The first of ``count`` numbers in a row; nobody else takes one before this commits.

    A reader that has seen a number has therefore seen every smaller one.
    """
    row, _ = EntryTurn.objects.select_for_update().get_or_create(id=1)
    first = row.last + 1
    row.last += count
    row.save(update_fields=["last"])
    return first
