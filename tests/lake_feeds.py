"""The feeds that the lake's tests collect."""

from datetime import UTC, datetime

from yiwang.lake import Check, FeedColumn, FeedPlan, Reference, Shape

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

RESIDENTS = (
    FeedColumn(name="id_number", sources=("GMSFHM",)),
    FeedColumn(name="name", sources=("XM", "姓名"), required=True),
    FeedColumn(name="sex", sources=("XB",)),
    FeedColumn(name="born_on", sources=("CSRQ",), type="date"),
    FeedColumn(name="amount", sources=("JE",), type="decimal"),
)
HEADER = "GMSFHM,XM,XB,CSRQ,JE"
GOOD = ["A1,王伟,1,2025-03-01,50.00", "A2,李娜,2,2025/3/1,1.5", "A3,张三,1,20250301,"]


def residents(file: str = "residents.csv", **changes: object) -> FeedPlan:
    """The plan of a small feed of residents."""
    parts: dict[str, object] = {
        "name": "base.resident_feed",
        "shape": Shape(file=file),
        "key": ("id_number",),
        "columns": RESIDENTS,
        "checks": (
            Check(id="sex.known", reference=Reference(column="sex", table="base.sex", target="c")),
        ),
        "codes": {"base.sex": frozenset({"1", "2"})},
    }
    return FeedPlan(**{**parts, **changes})  # type: ignore[arg-type]
