"""Folding: both scripts, widths and cases compare equal, and every part folds as in the whole."""

from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.folding import fold, syllables, words_of


def test_traditional_and_simplified_script_compare_equal():
    assert fold("數據資源目錄") == fold("数据资源目录")
    assert fold("統一社會信用代碼　ＵＳＣＣ") == "统一社会信用代码 uscc"


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_part_folds_as_it_does_in_the_whole(first, second):
    assert fold(f"{first} {second}").split() == [*fold(first).split(), *fold(second).split()]


def test_a_search_asks_for_at_most_eight_words():
    assert words_of(" 居民  BASE ") == ["居民", "base"]
    assert len(words_of("一 " * 20)) == 8


def test_pinyin_takes_the_reading_of_the_word():
    assert syllables("银行") == ["yin", "hang"]
    assert syllables("數據目錄 v2") == ["shu", "ju", "mu", "lu"]
    assert syllables("女") == ["nv"]
