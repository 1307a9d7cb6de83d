"""What breaks the rules of an input is said whole, and at each of its fields."""

import pytest

from yiwang.kernel.errors import Conflict, Invalid


def test_every_broken_rule_is_said_and_each_field_carries_its_first():
    with pytest.raises(Invalid) as refused:
        Invalid.unless(
            (True, "title", "不会出现。"),
            (False, "purpose", "请写明用途。"),
            (False, "", "这张表不予共享。"),
            (False, "basis", "请写明依据。"),
            (False, "purpose", "用途太长。"),
            table="base.resident",
        )

    assert refused.value.message == "请写明用途。这张表不予共享。请写明依据。用途太长。"
    assert refused.value.fields == {"purpose": "请写明用途。", "basis": "请写明依据。"}
    assert refused.value.data["table"] == "base.resident"


def test_what_holds_refuses_nothing_and_other_errors_blame_no_field():
    Invalid.unless((True, "title", "不会出现。"))

    assert Conflict("已经办结。").fields == {}
