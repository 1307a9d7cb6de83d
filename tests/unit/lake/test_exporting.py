"""Many rows out of the lake: four forms with the same rows, masked as one by one, and changes."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from yiwang import rules
from yiwang.kernel import masking
from yiwang.lake import Export, Lake, Mask, Selection
from yiwang.lake.backends import fixed_masks

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
COLUMNS = {
    "id": "integer", "number": "text", "name": "text", "phone": "text", "address": "text",
    "card": "text", "note": "text", "born_on": "date", "sum": "decimal", "seen": "instant",
}  # fmt: skip
VALUES = {
    "number": ["321323195603140027", "32132319560314002x", " 321323195603140027", "短", None,
               "３２１３２３１９５６０３１４００２７", "\x1f21323195603140027\x1f",
               "321323\u0301195603140027"],
    "name": ["王秀英", "欧阳小明", "王", "葛\U000e0100飾区", "𠮷野家", "Anna Li", "  李 ", None],
    "phone": ["13812345678", "+86 138 1234 5678", "0527-85212345", "123", "", None, "138",
              "１３８"],
    "address": ["江苏省宿迁市泗阳县众兴街道北京路1号", "泗阳县王集镇（老街）", "北京路", "泗阳县 ",
                "甲\n乙镇", None, "江苏省泗阳县", "众兴镇"],
    "card": ["6222021234567890123", "6222 0212 3456", "12", None, "", "x" * 20, "1" * 12,
             "1" * 41],
    "note": ["一二三四五六", "abc", "一\u0301二三四五六", "", None, "有，标点的文字", "a" * 500,
             "七字的一段"],
}  # fmt: skip
MASKS = {
    "number": Mask("id_number", 3), "name": Mask("name", 2), "phone": Mask("phone", 3),
    "address": Mask("address", 3), "card": Mask("bank_card", 3), "note": Mask("", 3),
    "born_on": Mask("", 3), "sum": Mask("", 3),
}  # fmt: skip


def row(number: int, **changes) -> dict:
    texts = {name: values[number % 8] for name, values in VALUES.items()}
    return {
        "id": number, **texts, "born_on": date(1956, 3, 1 + number % 28),
        "sum": Decimal(number) / 4, "seen": AT, **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    lake = Lake(tmp_path_factory.mktemp("lake"))
    lake.write("test.people", [row(n) for n in range(400)], columns=COLUMNS, at=AT)
    yield lake
    lake.close()


def exported(lake, form="json", *, masks=None, columns=tuple(COLUMNS), where="", **more) -> bytes:
    conditions = (rules.parse(where, columns=COLUMNS),) if where else ()
    selection = Selection(
        table="test.people", columns=columns, conditions=conditions, day=AT.date()
    )
    export = Export(
        selection=selection, format=form, masks=masks or {}, head=b'{"rows":[', tail=b"]}", **more
    )
    return b"".join(part.content for part in lake.export(export))


def test_masks_in_the_engine_are_those_of_one_by_one(lake):
    rows = json.loads(exported(lake, masks=MASKS))["rows"]
    for shown in rows:
        clear = row(shown["id"])
        for name, mask in MASKS.items():
            expected = masking.mask(clear[name], element=mask.element, grade=mask.grade)
            assert shown[name] == expected, (name, clear[name])


NUMBERS = [
    *VALUES["number"], "321323560314002", "321323195603140027", "13\u00e912345678", "1381234567８",
    "23812345678", "13812345678", "91321323MA1ABCD12X", "a b c d e f g h i ",
    "\x0021323195603140027",
]  # fmt: skip


@pytest.mark.parametrize("element", ["id_number", "phone"])
@pytest.mark.parametrize(
    "values",
    [NUMBERS, NUMBERS[-8:], [None] * 3, ["13812345678"] * 9, ["321323195603140027"] * 9, []],
    ids=len,
)
def test_numbers_masked_in_strides_are_those_of_one_by_one(element, values):
    column = pa.array(["out of sight", *values], pa.string())
    for given in (column.slice(1), pa.array(values, pa.string())):
        shown = fixed_masks.masked(given, element=element, grade=3, hidden="")
        assert shown.to_pylist() == [masking.mask(v, element=element, grade=3) for v in values]
        marked = fixed_masks.masked(given, element=element, grade=3, hidden="!").to_pylist()
        assert marked == [
            value and value + "!" * (place % 8 == 0)
            for place, value in enumerate(shown.to_pylist())
        ]


def test_the_four_forms_hold_the_same_rows(lake):
    told = {"yiwang.watermark": "YW1-x"}
    columns = ("id", "name", "born_on", "sum", "seen")
    arrow = pa.ipc.open_stream(exported(lake, "arrow", columns=columns, told=told)).read_all()
    parquet = pq.read_table(io.BytesIO(exported(lake, "parquet", columns=columns, told=told)))
    text = pa.csv.read_csv(io.BytesIO(exported(lake, "csv", columns=columns)))
    rows = json.loads(exported(lake, columns=columns))["rows"]
    assert arrow.equals(parquet)
    assert arrow.schema.metadata[b"yiwang.watermark"] == b"YW1-x"
    assert parquet.schema.metadata[b"yiwang.watermark"] == b"YW1-x"
    assert arrow.num_rows == text.num_rows == len(rows) == 400
    assert arrow["name"].to_pylist() == [one["name"] for one in rows]
    assert [Decimal(one["sum"]) for one in rows] == arrow["sum"].to_pylist()
    assert text["born_on"].to_pylist() == arrow["born_on"].to_pylist()


def test_a_file_that_is_cut_off_is_no_whole_file(lake):
    whole = exported(lake, "arrow")
    with pytest.raises(OSError), pa.ipc.open_stream(whole[: len(whole) // 2]) as reader:
        reader.read_all()


def test_the_hidden_mark_stands_behind_some_masked_values_only(lake):
    text = exported(lake, masks={"phone": Mask("phone", 3, "\u2062")}, columns=("phone", "name"))
    assert "138****5678\u2062" in text.decode() or "\u2062" not in text.decode()
    assert "王秀英\u2062" not in text.decode()


def test_changes_since_a_snapshot_are_what_was_added_changed_and_removed(tmp_path):
    lake = Lake(tmp_path)
    lake.write("test.people", [row(n) for n in range(10)], columns=COLUMNS, at=AT)
    before = lake.snapshots("test.people")[-1].id
    now = [row(n) for n in range(1, 9)] + [row(9, name="改名"), row(10)]
    lake.write("test.people", now, columns=COLUMNS, at=AT)
    since = {"since": before, "key": ("id",), "columns": ("id", "name")}
    found = {one["id"]: one["_change"] for one in json.loads(exported(lake, **since))["rows"]}
    assert found == {0: "removed", 9: "changed", 10: "added"}
    left = json.loads(exported(lake, where="id <> 10", **since))["rows"]
    assert {one["id"] for one in left} == {0, 9}
    wider = {**COLUMNS, "added": "text"}
    lake.write("test.people", [row(1, added="新")], columns=wider, at=AT)
    asked = Selection(table="test.people", columns=("name",), day=AT.date())
    for columns, snapshot, is_known in (
        (("name",), before, True),
        (("name",), "123", False),
        (("name", "added"), before, False),
    ):
        wanted = replace(asked, columns=columns)
        assert lake.is_comparable(wanted, since=snapshot, key=("id",)) is is_known
    lake.close()


def test_pages_scattered_by_a_hidden_column_hold_every_row_once(lake):
    def pages(secret: str) -> list[str]:
        return [
            one["sum"]
            for offset in range(0, 400, 50)
            for one in lake.select(
                Selection(
                    table="test.people", columns=("sum",), scattered=("id",), secret=secret,
                    limit=50, offset=offset, day=AT.date(),
                )
            )
        ]  # fmt: skip

    told = pages("a'")
    assert told == pages("a'")
    assert told != sorted(told)
    assert sorted(told) == sorted(pages("b")) == [Decimal(n) / 4 for n in range(400)]
    assert told != pages("b"), "only who knows the secret foresees the order"
