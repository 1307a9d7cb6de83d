"""Reports on a phone, also without a network: rows and lists wait there and are sent one by one.

Where two disagree: what is sent twice counts once; a row or a line that somebody else saved in the
meantime stays as it is, and the phone keeps what was typed and says which columns differ.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from yiwang.web.names import division as named
from yiwang.web.offline import service_worker
from yiwang.web.routes import PUBLIC, route

MOST = 400
"""Rows and lists that a phone takes along, those due first; it says how many it leaves behind."""
ANSWER = "answer-"


class EntryMistyped(Invalid):
    """What the phone sent is no entry."""

    code = "office.entry_mistyped"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the queue: ``row``, ``fill``, ``add``, ``strike`` or ``submit``."""

    kind: str
    round: int
    division: str
    entry: int = 0
    version: int = 0
    what: dict[str, str] = msgspec.field(default_factory=dict)


def field(request: HttpRequest) -> HttpResponse:
    """The page; its content is filled in by the script from what the phone keeps."""
    return render(request, "office/report_field.html", {"officer": officer_of(request)})


def work(request: HttpRequest) -> HttpResponse:
    """What the phone takes along: every row and list that is still to be filled in."""
    officer = officer_of(request)
    waiting = forms.reports_waiting(officer=officer)
    taken = list(islice((one for wait in waiting for one in _taken_along(wait, officer)), MOST))
    return JsonResponse(
        {
            "officer": officer.username,
            "token": get_token(request),
            "reports": taken,
            "left": sum(one.rows for one in waiting) - len(taken),
        }
    )


def _taken_along(waiting: forms.Waiting, officer: identity.Officer) -> Iterator[dict[str, Any]]:
    is_list = forms.is_roster(waiting.round, actor=officer)
    for division in forms.divisions_waiting(waiting.round, officer=officer):
        same = {
            "round": waiting.round,
            "division": division,
            "name": named(division),
            "title": waiting.title,
            "label": waiting.label,
            "due": f"{waiting.due_at.astimezone(CHINA):%m-%d %H:%M}",
        }
        if is_list:
            yield same | _list(forms.roster(waiting.round, division, actor=officer))
        else:
            yield same | _row(forms.report_row(waiting.round, division, actor=officer))


def _row(row: forms.RowView) -> dict[str, Any]:
    return {
        "kind": "row",
        "version": row.version,
        "known": [[one.title, str(one.value)] for one in row.cells if one.source],
        "asked": [_input(one, one.value) for one in row.cells if not one.source],
    }


def _list(view: forms.RosterView) -> dict[str, Any]:
    columns = view.columns
    return {
        "kind": "list",
        "new": [_input(one, None) for one in columns.values()],
        "lines": [
            {
                "entry": one.id,
                "version": one.version,
                "filled": bool(one.filled_at),
                "known": [
                    [columns[name].title, str(value)]
                    for name, value in one.values.items()
                    if name not in one.asked and value not in (None, "")
                ],
                "asked": [_input(columns[name], one.values[name]) for name in one.asked],
            }
            for one in view.lines
            if not one.struck_reason
        ],
    }


def _input(one: Any, value: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "type": one.type,
        "required": one.is_required,
        "help": one.help,
        "options": [list(pair) for pair in one.options],
        "value": "" if value is None else str(value),
    }


@require_POST
def sync(request: HttpRequest) -> HttpResponse:
    """Take one entry; answers what became of it."""
    officer = officer_of(request)
    try:
        entry = msgspec.json.decode(request.POST.get("entry", ""), type=Entry)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise EntryMistyped(_t("这条记录无法识别。"), hint=_t("请更新页面。")) from error
    act = ACTS.get(entry.kind)
    if act is None:
        raise EntryMistyped(_t("这条记录无法识别。"), hint=_t("请更新页面。"))
    try:
        act(entry, officer)
    except forms.AnswersRefused as refusal:
        return _answer("refused", "".join(refusal.fields.values()))
    except Conflict as refusal:
        return _answer("conflict", str(refusal))
    except (Invalid, NotAllowed, NotFound) as refusal:
        return _answer("refused", str(refusal))
    return _answer("done", _t("已提交"))


def _answer(outcome: str, text: str) -> HttpResponse:
    return JsonResponse({"outcome": outcome, "text": text})


def _given(entry: Entry) -> dict[str, str]:
    return {
        name.removeprefix(ANSWER): value
        for name, value in entry.what.items()
        if name.startswith(ANSWER)
    }


def _same(entry: Entry, officer: identity.Officer) -> dict[str, Any]:
    return {
        "number": entry.round,
        "division": entry.division,
        "officer": officer,
        "at": system_clock(),
    }


def _fill_row(entry: Entry, officer: identity.Officer) -> None:
    answers = _given(entry)
    try:
        forms.fill_row(answers=answers, version=entry.version, **_same(entry, officer))
    except forms.RowChanged:
        row = forms.report_row(entry.round, entry.division, actor=officer)
        stands = {one.name: "" if one.value is None else str(one.value) for one in row.cells}
        if any(stands.get(name) != given.strip() for name, given in answers.items()):
            raise


def _fill(entry: Entry, officer: identity.Officer) -> None:
    forms.fill_entry(
        entry=entry.entry, answers=_given(entry), version=entry.version, **_same(entry, officer)
    )


def _add(entry: Entry, officer: identity.Officer) -> None:
    forms.add_entry(answers=_given(entry), **_same(entry, officer))


def _strike(entry: Entry, officer: identity.Officer) -> None:
    reason = entry.what.get("reason", "")
    forms.strike_entry(
        entry=entry.entry, reason=reason, version=entry.version, **_same(entry, officer)
    )


def _submit(entry: Entry, officer: identity.Officer) -> None:
    forms.submit_roster(**_same(entry, officer))


ACTS: dict[str, Callable[[Entry, identity.Officer], None]] = {
    "row": _fill_row,
    "fill": _fill,
    "add": _add,
    "strike": _strike,
    "submit": _submit,
}


routes = [
    route(
        "report-field/",
        field,
        right="forms.fill",
        name="report_field",
        menu=_("离线填报"),
        icon="phone",
    ),
    route("report-field/work.json", work, right="forms.fill", name="report_field_work"),
    route("report-field/sync", sync, right="forms.fill", name="report_field_sync"),
    route("report-field/worker.js", service_worker, right=PUBLIC, name="report_field_worker"),
]
