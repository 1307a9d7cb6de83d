"""A cell of a register as a value, and a row of divisions as a division."""

from datetime import date
from decimal import Decimal, InvalidOperation

from yiwang.kernel.divisions import Division

Value = str | int | Decimal | bool | date | None
Entry = dict[str, Value]


def typed(text: str, kind: str) -> Value:
    """A cell's text as a value of its column's type; ValueError when it is none."""
    if text == "":
        return None
    if kind == "integer":
        return int(text)
    if kind == "decimal":
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ValueError(text) from None
    if kind == "boolean":
        return {"true": True, "false": False}[text.lower()]
    if kind == "date":
        return date.fromisoformat(text)
    return text


def division_of(row: Entry) -> Division:
    """A row of the register of divisions."""
    words = {key: str(value or "") for key, value in row.items()}
    begun, ended = row["active_from"], row["active_until"]
    return Division(
        code=words["code"],
        name=words["name"],
        parent=words["parent"],
        level=words["level"],
        active_from=begun if isinstance(begun, date) else None,
        active_until=ended if isinstance(ended, date) else None,
        aliases=tuple(filter(None, words["aliases"].split("|"))),
        former_codes=tuple(filter(None, words["former_codes"].split("|"))),
    )
