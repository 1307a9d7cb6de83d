"""Search: exact for parts of words in both scripts, and by pinyin in full or by initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.apps.catalog import searching
from yiwang.apps.catalog.searching import Indexed, found, index, mark

TITLES = {
    "a": "户籍人口信息",
    "b": "银行账户登记",
    "c": "統一社會信用代碼名錄",
    "d": "人口死亡登记",
}


@pytest.fixture
def texts(db):
    index("entry", [Indexed(key, "health", title, (title, key)) for key, title in TITLES.items()])
    index("entry", [Indexed("e", "market", "主体名录", ("登记死亡原因 police_resident",))])


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("人口", ["a", "d"]),
        ("籍人口信", ["a"]),
        ("口户", []),  # the characters stand there, not side by side
        ("社会信用代码", ["c"]),
        ("社會信用代碼名", ["c"]),
        ("死亡", ["d", "e"]),  # the title comes first
        ("死亡 原因", ["e"]),
        ("hujirenkou", ["a"]),
        ("rkxx", ["a"]),
        ("yinhang", ["b"]),
        ("siwang dengji", ["d"]),
        ("POLICE_res", ["e"]),
        ("户", ["a", "b"]),
        ("' OR 1=1 --", []),
        ('"人口" AND', []),
        ("，。", []),
    ],
)
def test_a_word_is_found_where_it_stands(texts, query, keys):
    assert found("entry", query) == keys


def test_a_search_is_narrowed_by_marks_and_paged(texts):
    assert found("entry", "登记", marks=[mark("organ", "health")]) == ["b", "d"]
    assert found("entry", "死亡", limit=1) == ["d"]
    assert found("entry", "死亡", limit=1, offset=1) == ["e"]
    assert found("entry", "死亡", limit=1, offset=2) == []
    assert found("dataset", "人口") == []


def test_what_is_indexed_again_or_forgotten_is_found_no_more(texts):
    index("entry", [Indexed("a", "health", "车辆", ("车辆",))])
    searching.forget("entry", ["d"])
    assert found("entry", "人口") == []
    assert found("entry", "车辆") == ["a"]


@given(st.text(alphabet="甲乙丙丁戊", min_size=2, max_size=6), st.data())
def test_two_to_six_characters_are_found_exactly(part, data):
    """A phrase of pairs stands in a text's pairs exactly where the part stands in the text."""
    text = data.draw(st.text(alphabet="甲乙丙丁戊", max_size=30))
    pairs, sought = searching.tokens(text), searching.tokens(part)[:-1]
    stands = any(pairs[n : n + len(sought)] == sought for n in range(len(pairs)))
    assert stands == (part in text)


def test_pinyin_is_of_every_part_of_the_title():
    assert {"yinhangzhanghu", "hangzhanghu", "yhzh", "zh"} <= set(searching.spellings("银行账户"))
