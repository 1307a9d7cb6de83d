"""Who may do what, and why."""

import pytest
from cast import NINE, OFFICE, OTHER_OFFICE, place
from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction

from yiwang.apps.identity import public as identity
from yiwang.apps.identity.actor import _trees
from yiwang.apps.identity.models import Account, RoleRight
from yiwang.apps.identity.passwords import PasswordTooWeak
from yiwang.apps.journal import public as journal
from yiwang.kernel.divisions import Division, DivisionTree


def test_an_officer_may_what_their_posts_bring_in_their_organ_and_division(cast):
    assert identity.may(cast.li, "tests.work")
    assert identity.may(cast.li, "tests.work", organ=OFFICE, division="321323101000")
    assert not identity.may(cast.li, "tests.other")
    assert not identity.may(cast.li, "tests.work", organ=OTHER_OFFICE)
    assert not identity.may(cast.li, "tests.work", division="321324101000")


def test_a_stranger_of_another_organ_is_refused(cast):
    with pytest.raises(identity.RightMissing) as refused:
        identity.require(cast.sun, "tests.work", organ=OFFICE)

    assert "只能在本机构" in refused.value.message
    assert not identity.explain(cast.sun, "tests.work", organ=OFFICE).allowed


def test_applicants_and_nobody_hold_no_officers_right(cast):
    for actor in (cast.wang, cast.company, None):
        with pytest.raises(identity.NotAllowed):
            identity.require(actor, "tests.work")


def test_the_explanation_names_post_and_role_or_who_could_give_the_right(cast):
    identity.register_rights({"tests.work": "办理测试事项"})

    yes = identity.explain(cast.li, "tests.work", organ=OFFICE)
    no = identity.explain(cast.security, "tests.work")

    assert yes.allowed
    assert yes.sentences[0] == (
        "李明在“县民政局”任“窗口”，其角色“角色clerk”带有权利“办理测试事项”。"
    )
    assert not no.allowed
    assert "带有此权利的角色：“角色clerk”；由安全管理员授予岗位。" in no.sentences


@pytest.mark.parametrize(
    ("division", "cover", "covered"),
    [
        ("321323101002", "321323101000", True),
        ("321323101002", "321323000000", True),
        ("321323101002", "321323", True),
        ("321323000000", "321323101000", False),
        ("321324101000", "321323000000", False),
        ("320323", "321300000000", False),
        ("321323", "320000000000", True),
        ("321323", "321300000000", True),
    ],
)
def test_a_division_covers_what_lies_in_it(division, cover, covered):
    assert identity.is_within(division, cover) is covered


def test_a_zone_without_code_is_covered_once_the_places_divisions_are_known():
    county = Division(code="321323000000", name="泗阳县")
    zone = Division(code="SY-KFQ", name="泗阳经济开发区", parent="321323000000")
    assert not identity.is_within("SY-KFQ", "321323000000")

    identity.register_divisions(DivisionTree((county, zone)))

    assert identity.is_within("SY-KFQ", "321323000000")
    assert not identity.is_within("321323000000", "SY-KFQ")
    identity.register_divisions(DivisionTree(()))


def test_the_pages_know_the_places_divisions_from_the_start(cast, client):
    """A place may have divisions that its codes do not show; the web asks the tree."""
    identity.register_divisions(DivisionTree(()))
    client.get("/")

    assert [tree.get("321323000000").name for tree in _trees] == ["泗阳县"]
    identity.register_divisions(DivisionTree(()))


def test_the_database_keeps_reserved_rights_out_of_roles(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleRight.objects.create(role_id="tests.clerk", right="journal.read")


def test_the_database_gives_an_account_one_duty_at_most(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(username="audit-admin").update(duty="system audit"[:8])
    duties = Account.objects.exclude(duty="").values_list("username", "duty")

    assert len(duties) == 3
    rights = [cast.system.rights, cast.security.rights, cast.audit.rights]
    assert all(not one & other for one in rights for other in rights if one is not other)


def test_a_role_with_an_auditors_right_is_refused_whole(db):
    with pytest.raises(identity.NotAllowed.__base__) as refused:
        identity.install(place({"tests.clerk": ["tests.work", "journal.read"]}), at=NINE)

    assert refused.value.code == "identity.role_brings_reserved_right"
    assert identity.organs() == []


def test_installing_again_follows_the_place_and_keeps_who_holds_what(cast):
    changed = place({"tests.clerk": ["tests.other"]})
    identity.install(changed, at=NINE)

    assert identity.officer("li", at=NINE).rights == {"tests.other"}
    assert identity.organ(OTHER_OFFICE).line_superior == "宿迁市市场监督管理局"
    assert identity.organ(OTHER_OFFICE).superior == ""


def test_only_the_security_administrator_assigns_posts(cast):
    given = {"username": "li", "organ": OFFICE, "post": "科长", "at": NINE}
    for officer in (cast.sun, cast.li, cast.system, cast.audit):
        with pytest.raises(identity.NotAllowed):
            identity.assign_post(**given, officer=officer)

    identity.assign_post(**given, officer=cast.security, divisions=["321323101000"])

    assert identity.officer("li", at=NINE).posts == ("窗口", "科长")
    [entry] = journal.entries(subject="li", event="identity.post_assigned", limit=1)
    assert entry.actor == "security-admin"
    identity.end_post(**given, officer=cast.security)

    assert "科长" not in identity.officer("li").posts


def test_the_people_behind_a_right_are_found(cast):
    names = {officer.username for officer in identity.officers_with("tests.work", organ=OFFICE)}

    assert names == {"li", "zhao"}


@pytest.mark.django_db
def test_a_password_hashed_ahead_opens_its_account_and_is_held_to_the_same_policy():
    one, other = identity.hashed("Long-enough-7a"), identity.hashed("Long-enough-7a")
    made = {"kind": "person", "subject": "321323195001010011", "name": "王芳", "at": NINE}

    identity.create_account(username="wang", password=one, **made)

    kept = Account.objects.get(username="wang").password
    assert check_password("Long-enough-7a", kept)
    assert one.digest != other.digest and "Long" not in repr(one)
    with pytest.raises(PasswordTooWeak):
        identity.create_account(username="sun", password=identity.hashed("short"), **made)
