"""The frame of every page can be read in English, and what runs is what people edited."""

import gettext
import io

import pytest

from yiwang.web.catalogs import LOCALE, compiled, marked, read_po

PO = LOCALE / "en" / "LC_MESSAGES" / "django.po"


def test_every_text_of_the_frame_and_the_components_has_its_english():
    known = read_po(PO)

    assert not [text for text in marked("web") if not known.get(text)], "run `yiwang messages`"


def test_the_compiled_catalogue_is_the_edited_one():
    assert PO.with_suffix(".mo").read_bytes() == compiled(read_po(PO), "en")


def test_a_translation_names_the_same_values_as_its_source():
    def values(text):
        return sorted(part.split(")")[0] for part in text.split("%(")[1:])

    wrong = [s for s, t in read_po(PO).items() if t and values(s) != values(t)]
    assert not wrong


@pytest.mark.parametrize("text", ["登录", '带"引号"\n与换行'])
def test_what_is_compiled_is_read_back_by_gettext(text):
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled({text: "sign in"}, "en")))

    assert catalogue.gettext(text) == "sign in"
