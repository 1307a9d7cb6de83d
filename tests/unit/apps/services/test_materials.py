"""A material comes from the first of its sources that can be had for this applicant."""

from yiwang.apps.casework.public import KeptFile
from yiwang.apps.services.materials import Holdings, resolve
from yiwang.packkit.kinds.work import Material

NOTHING = Holdings({}, {})
ONE = Material(
    title="住所证明",
    sources=("license", "shared", "commitment", "upload"),
    license="house",
    table="base.house",
)


def found(material, held=NOTHING, agreed=(), files=()):
    (one,) = resolve({"home": material}, held, agreed=agreed, files=dict(files))
    return one.source, one.is_met


def test_a_licence_that_is_held_comes_before_shared_data_and_promises():
    held = Holdings({"house": ("N1", "不动产权证")}, {"base.house": ("7", "住房")})

    assert found(ONE, held) == ("license", True)
    assert found(ONE, Holdings({}, held.tables)) == ("shared", True)


def test_a_promise_is_asked_for_only_when_nothing_is_held_and_counts_once_given():
    assert found(ONE) == ("commitment", False)
    assert found(ONE, agreed={"home"}) == ("commitment", True)


def test_a_file_is_the_last_resort():
    upload = Material(title="照片", sources=("upload",))

    assert found(upload) == ("upload", False)
    assert found(upload, files=[("home", KeptFile("d", "image/png", 1))]) == ("upload", True)


def test_what_neither_is_held_nor_can_be_asked_is_the_organ_s_to_look_up():
    assert found(Material(title="户籍", sources=("shared",), table="base.x")) == ("office", True)
