"""A written address finds the door it means, in every way in which people write it."""

import pytest

from yiwang.packkit.gazetteer import Gazetteer, KnownAddress

COUNTY = ("泗阳县", "众兴街道")
TOWN = ("泗阳县", "王集镇")


def known(text, names):
    return KnownAddress(text=text, lon=118.7, lat=33.7, division=names[-1], register="x.y"), names


GAZETTEER = Gazetteer(
    [
        known("泗阳县众兴街道北京路1号", COUNTY),
        known("泗阳县众兴街道北京路12号", COUNTY),
        known("泗阳县众兴街道北京路", COUNTY),
        known("泗阳县众兴街道人民路3号", COUNTY),
        known("泗阳县王集镇人民路3号", TOWN),
        known("泗阳县王集镇人民路", TOWN),
    ]
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("泗阳县众兴街道北京路12号", "泗阳县众兴街道北京路12号"),
        ("江苏省宿迁市泗阳县众兴街道北京路12号", "泗阳县众兴街道北京路12号"),
        ("众兴街道 北京路１２号 3幢402室", "泗阳县众兴街道北京路12号"),
        ("北京路12号", "泗阳县众兴街道北京路12号"),
        ("北京路12号门口的井盖坏了", "泗阳县众兴街道北京路12号"),
        ("眾興街道北京路12號", "泗阳县众兴街道北京路12号"),
        ("王集镇人民路3号", "泗阳县王集镇人民路3号"),
        ("北京路99号", "泗阳县众兴街道北京路"),
        ("人民路3号", ""),
        ("上海路1号", ""),
        ("", ""),
    ],
)
def test_an_address_is_found_as_people_write_it(written, meant):
    found = GAZETTEER.find(written)
    assert (found.text if found else "") == meant


def test_a_road_is_no_door():
    assert GAZETTEER.find("北京路12号").precision == "door"
    assert GAZETTEER.find("北京路").precision == "road"


def test_a_long_text_is_looked_at_no_further_than_an_address_is_long():
    assert GAZETTEER.find("水" * 10_000 + "北京路12号") is None
