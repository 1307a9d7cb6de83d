"""An identifier in the engine's SQL: the one form under which claims about a subject meet."""

from datetime import date

from yiwang.packkit.kinds.subjects import Subject
from yiwang.rules import parse, to_sql

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ANY_DAY = date(2000, 1, 1)


def identifier_element(subject: Subject) -> str:
    """The standard element that identifies such a subject."""
    return "id_number" if subject == "person" else "uscc"


def cleaned(column: str) -> str:
    """An identifier as a source wrote it, without spaces, in upper case."""
    return f"UPPER(REPLACE(CAST({column} AS VARCHAR), ' ', ''))"


def raised(subject: Subject, column: str) -> str:
    """A person's number of 15 digits as the one of 18 (GB 11643); anything else as it is.

    The century is 19, except for the sequence numbers 996 to 999, which were kept for those born
    before 1900.
    """
    if subject == "firm":
        return column
    kept = "('996', '997', '998', '999')"
    century = f"CASE WHEN SUBSTRING({column}, 13, 3) IN {kept} THEN '18' ELSE '19' END"
    longer = f"SUBSTRING({column}, 1, 6) || {century} || SUBSTRING({column}, 7, 9)"
    total = " + ".join(
        f"{weight} * CAST(SUBSTRING({longer}, {place}, 1) AS INTEGER)"
        for place, weight in enumerate(_WEIGHTS, 1)
    )
    return (
        f"CASE WHEN REGEXP_FULL_MATCH({column}, '[0-9]{{15}}') "
        f"THEN {longer} || SUBSTRING('10X98765432', ({total}) % 11 + 1, 1) ELSE {column} END"
    )


def checked(subject: Subject, column: str) -> str:
    """The identifier in a column if its check holds, else NULL: it never merges."""
    function = "is_id_number" if subject == "person" else "is_uscc"
    test = parse(f"{function}({column})", columns={column: "text"})
    return f"CASE WHEN {to_sql(test, dialect='duckdb', as_of=_ANY_DAY)} THEN {column} END"
