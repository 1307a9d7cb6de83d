"""Opening a table: proposed and measured, decided by another, renewed, withdrawn."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import measuring
from yiwang.apps.exchange.models import Release, ReleaseKeyword, ReleaseVersion
from yiwang.apps.exchange.open_folders import KEPT, clear, version_folder
from yiwang.apps.exchange.queries.releases import (
    ReleaseView,
    license_of,
    release_row,
    release_view,
    themes,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.kernel.folding import fold, syllables
from yiwang.packkit.kinds.resources import Release as PackRelease

FLOW = "base.data_release"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,99}")


class ReleaseMalformed(Invalid):
    """A proposal says too little, or something that no register holds."""

    code = "exchange.release_malformed"


class ReleaseNameTaken(Conflict):
    """Another release has this name; a withdrawn one keeps its own for good."""

    code = "exchange.release_name_taken"


class ReleaseNotInState(Conflict):
    """The release is in a state that does not admit this step."""

    code = "exchange.release_not_in_state"


class DecidedByProposer(Conflict):
    """Who proposed a release cannot decide on it."""

    code = "exchange.release_decided_by_proposer"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What an organ wants to open. ``coarse`` and ``declared`` are by column name."""

    name: str
    title: str
    table: str
    columns: tuple[str, ...]
    terms: str
    theme: str
    license: str
    contact: str
    description: str = ""
    coarse: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    cycle: str = ""
    division: str = ""
    leaves_out: bool = False


@transaction.atomic
def propose_release(proposal: Proposal, *, officer: identity.Officer, at: datetime) -> ReleaseView:
    """提出开放: measure what would go out; what passes waits for the bureau, the rest says why."""
    dataset = catalog.dataset(proposal.table)
    identity.require(officer, "exchange.release", organ=dataset.organ)
    _check(proposal)
    earlier = Release.objects.select_for_update().filter(name=proposal.name).first()
    if earlier is not None and (
        earlier.state not in (Release.State.BLOCKED, Release.State.REFUSED)
        or earlier.organ != dataset.organ
    ):
        raise ReleaseNameTaken(
            f"名字“{proposal.name}”已被使用。", hint="请换一个名字；已撤下的名字不再使用。"
        )
    outcome = measuring.measured(proposal, at=at)
    row = earlier or Release(ident=measuring.new_ident(), name=proposal.name)
    _fill(row, proposal, dataset, outcome)
    row.proposed_by, row.proposed_at = officer.username, at
    row.decided_by, row.decided_at, row.reason = None, None, ""
    row.changed_at = next_instant(at)
    row.state = Release.State.BLOCKED if outcome.refusals else Release.State.WAITING
    row.case = "" if outcome.refusals else _opened_case(row, officer, at)
    row.save()
    row.keywords.all().delete()
    ReleaseKeyword.objects.bulk_create(
        [ReleaseKeyword(release=row, word=word[:40]) for word in dict.fromkeys(proposal.keywords)]
    )
    _note(f"exchange.release_{row.state}", row, officer.username, at)
    return release_view(row)


def release_from_pack(
    wanted: PackRelease, *, name: str, officer: identity.Officer, at: datetime, division: str = ""
) -> ReleaseView:
    """提出场景包所列的开放: what a pack offers to open goes the same way as any proposal."""
    return propose_release(
        Proposal(
            name=name,
            title=wanted.title,
            table=wanted.table,
            columns=wanted.columns,
            terms=wanted.terms,
            theme=wanted.theme,
            license=wanted.license,
            contact=wanted.contact,
            description=wanted.description,
            coarse=wanted.coarse,
            declared=dict(wanted.declared),
            keywords=wanted.keywords,
            cycle=wanted.cycle,
            division=division,
            leaves_out=wanted.leaves_out,
        ),
        officer=officer,
        at=at,
    )


def _check(proposal: Proposal) -> None:
    ReleaseMalformed.unless(
        (bool(_NAME.fullmatch(proposal.name)), "name", "名字由小写英文字母、数字、- 和 _ 组成。"),
        (0 < len(proposal.title.strip()) <= 200, "title", "请写名称（不超过 200 字）。"),
        (len(proposal.description) <= 5000, "description", "说明不超过 5000 字。"),
        (bool(proposal.columns), "columns", "至少选择一个字段。"),
        (proposal.terms in Release.Terms.values, "terms", "请选择开放方式。"),
        (proposal.theme in {one.id for one in themes()}, "theme", "请选择登记册中的主题。"),
        (0 < len(proposal.contact.strip()) <= 200, "contact", "请写联系方式（不超过 200 字）。"),
        (len(proposal.keywords) <= 20, "keywords", "关键词不超过 20 个。"),
        (not _has_controls(proposal), "", "文字中有换行或控制字符。"),
    )
    license_of(proposal.license)


def _has_controls(proposal: Proposal) -> bool:
    """A line break in a title would end up in headers and feeds."""
    lines = (proposal.title, proposal.contact, *proposal.keywords)
    return any(ord(sign) < 32 or ord(sign) == 127 for line in lines for sign in line)


def _fill(
    row: Release, proposal: Proposal, dataset: catalog.DatasetView, outcome: measuring.Outcome
) -> None:
    row.title, row.description = proposal.title.strip(), proposal.description.strip()
    row.organ, row.table, row.theme = dataset.organ, proposal.table, proposal.theme
    row.license, row.contact = proposal.license, proposal.contact.strip()
    row.cycle, row.division = proposal.cycle or dataset.cycle, proposal.division
    row.terms, row.leaves_out = proposal.terms, proposal.leaves_out
    row.columns, row.measured, row.score = outcome.columns, outcome.measured, outcome.score
    titles = [str(one["title"]) for one in outcome.columns]
    words = " ".join((row.title, *proposal.keywords))
    row.folded = " ".join(
        (
            fold(row.title, row.name, row.description, *proposal.keywords, *titles),
            fold(identity.organ(row.organ).title),
            "".join(syllables(words)),
        )
    )


def _opened_case(row: Release, officer: identity.Officer, at: datetime) -> str:
    """The case on which the proposal is reviewed: it waits with the organ that may approve."""
    deciding = next(
        (one.organ for one in identity.officers_with("exchange.approve_release", at=at)), row.organ
    )
    return casework.open_case(
        flow=FLOW,
        subject=row.name,
        title=f"申请开放：{row.title}（{row.get_terms_display()}）",
        organ=deciding,
        division=identity.organ(row.organ).division,
        facts={"table": row.title, "k": str(row.measured.get("k", ""))},
        actor="exchange",
        at=at,
    ).number


@transaction.atomic
def decide_release(
    name: str, *, agree: bool, reason: str, officer: identity.Officer, at: datetime
) -> ReleaseView:
    """审定开放: another person agrees, and the files are made; or refuses with a reason."""
    row = release_row(name, lock=True)
    identity.require(officer, "exchange.approve_release")
    _require_state(row, Release.State.WAITING)
    require_another(row, officer.username)
    ReleaseMalformed.unless((agree or bool(reason.strip()), "reason", "不同意开放时应当说明理由。"))
    casework.act(
        number=row.case,
        verb="approve" if agree else "refuse",
        officer=officer,
        at=at,
        reason=reason,
    )
    settle_release(row, agree=agree, reason=reason, by=officer.username, at=at)
    return release_view(row)


def require_another(row: Release, username: str) -> None:
    """Raise ``DecidedByProposer`` for who proposed the release."""
    if row.proposed_by == username:
        raise DecidedByProposer("提出人不能审定自己提出的开放。", hint="请由他人审定。")


def settle_release(row: Release, *, agree: bool, reason: str, by: str, at: datetime) -> None:
    """Let a release be what was decided in its case; agreed, its files are made."""
    row.decided_by, row.decided_at, row.reason = by, at, reason[:500]
    row.changed_at = next_instant(at)
    if agree:
        row.published_at, row.state = at, Release.State.PUBLISHED
        _make_version(row, at)
    else:
        row.state = Release.State.REFUSED
    row.save()
    _note(f"exchange.release_{row.state}", row, by, at)


def _make_version(row: Release, at: datetime) -> None:
    """Write the files of the latest snapshot as the next version."""
    plan = measuring.plan_of_row(row)
    number = row.version + 1
    folder = version_folder(row.ident, number)
    clear_stray(row.ident, number)
    opened = catalog.lake().open_rows(plan, folder=folder)
    ReleaseVersion.objects.create(
        release=row,
        number=number,
        snapshot=opened.snapshot,
        rows=opened.rows,
        smallest=int(row.measured.get("k") or 0),
        left_out=int(row.measured.get("rows") or 0) - opened.rows,
        files={form: asdict(file) for form, file in opened.files.items()},
        made_at=at,
    )
    row.version, row.rows = number, opened.rows
    row.versions.filter(number__lte=number - KEPT).delete()
    transaction.on_commit(lambda: clear(row.ident, keep=KEPT))


def clear_stray(ident: str, number: int) -> None:
    """A folder of a version that was never recorded is of a run that was killed."""
    folder = version_folder(ident, number)
    if folder.exists():
        folder.rename(folder.with_name(f".{number}-{measuring.new_ident()}"))


@transaction.atomic
def withdraw_release(
    name: str, *, reason: str, officer: identity.Officer, at: datetime
) -> ReleaseView:
    """撤下: files, rows and searchable copy are gone; the name and a tombstone stay."""
    row = release_row(name, lock=True)
    if not identity.may(officer, "exchange.approve_release"):
        identity.require(officer, "exchange.release", organ=row.organ)
    _require_state(row, Release.State.PUBLISHED, Release.State.HELD)
    ReleaseMalformed.unless((bool(reason.strip()), "reason", "撤下时应当说明理由，公众会看到。"))
    row.state, row.withdrawn_at, row.reason = Release.State.WITHDRAWN, at, reason.strip()[:500]
    row.changed_at = next_instant(at)
    row.save()
    _note("exchange.release_withdrawn", row, officer.username, at)
    transaction.on_commit(lambda: clear(row.ident))
    return release_view(row)


def refresh_releases(*, at: datetime) -> dict[str, str]:
    """更新开放: measure again where the lake has a later snapshot; name to what became of it.

    What falls below the threshold is held, and opens again when it has recovered.
    """
    outcome = {}
    states = (Release.State.PUBLISHED, Release.State.HELD)
    for name in list(Release.objects.filter(state__in=states).values_list("name", flat=True)):
        with transaction.atomic():
            row = release_row(name, lock=True)
            if row.state in states and (state := _refreshed(row, at)):
                outcome[name] = state
    return outcome


def _refreshed(row: Release, at: datetime) -> str:
    latest = catalog.lake().snapshots(row.table)[-1].id
    if row.measured.get("snapshot") == latest:
        return ""
    measure = measuring.measured_again(row, at=at)
    row.measured, row.score = measure.measured, measure.score
    row.changed_at = next_instant(at)
    before = row.state
    if measure.refusals:
        row.state = Release.State.HELD
    else:
        row.state = Release.State.PUBLISHED
        _make_version(row, at)
    row.save()
    if row.state != before or row.state == Release.State.PUBLISHED:
        _note(f"exchange.release_{row.state}", row, "exchange", at)
    return row.state


def next_instant(at: datetime) -> datetime:
    """An instant not before ``at`` that no earlier change has: paging by it never loses one."""
    last = Release.objects.aggregate(last=Max("changed_at"))["last"]
    return at if last is None or at > last else last + timedelta(microseconds=1)


def _require_state(row: Release, *states: Any) -> None:
    if row.state not in states:
        raise ReleaseNotInState(
            f"“{row.title}”当前为“{row.get_state_display()}”，不能这样办理。", hint="请刷新页面。"
        )


def _note(event: str, row: Release, actor: str, at: datetime) -> None:
    facts: dict[str, Any] = {
        "table": row.table,
        "organ": row.organ,
        "terms": row.terms,
        "k": int(row.measured.get("k") or 0),
        "version": row.version,
    }
    journal.record(event, subject=row.name, actor=actor, at=at, case=row.case, facts=facts)
