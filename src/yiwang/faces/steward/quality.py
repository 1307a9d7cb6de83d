"""Pages of quality: scores by organ and table, trends, a report to print or read, bulletins."""

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import may_see_rejected, organ_titles
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.pieces import Series
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

ORGANS = (
    Column(title=_("名次"), is_number=True),
    Column(title=_("机构")),
    Column(title=_("质量分"), is_number=True),
    Column(title=_("接入"), is_number=True),
    Column(title=_("逾期未更新"), is_number=True),
    Column(title=_("隔离行"), is_number=True),
    Column(title=_("未办结整改")),
)
TABLES = (
    Column(title=_("归集表")),
    Column(title=_("提供机构")),
    Column(title=_("质量分"), is_number=True),
    Column(title=_("较上次"), is_number=True),
    Column(title=_("读取"), is_number=True),
    Column(title=_("隔离"), is_number=True),
    Column(title=_("标记"), is_number=True),
    Column(title=_("整改")),
)
CASES = (
    Column(title=_("办件")),
    Column(title=_("归集表")),
    Column(title=_("问题行"), is_number=True),
    Column(title=_("仍有问题"), is_number=True),
    Column(title=_("发现批次")),
    Column(title=_("复核批次")),
    Column(title=_("开出时间")),
    Column(title=_("办结时间")),
)
BULLETINS = (
    Column(title=_("编号")),
    Column(title=_("期间")),
    Column(title=_("机构"), is_number=True),
    Column(title=_("发出时间")),
    Column(title=_("发出")),
)


def _period(request: HttpRequest) -> tuple[date, date]:
    """The period asked for, else the last thirty days: a month has no score on its first day."""
    today = local_date(system_clock())
    try:
        since, until = (date.fromisoformat(request.GET.get(n, "")) for n in ("since", "until"))
    except ValueError:
        return today - timedelta(days=29), today + timedelta(days=1)
    return (since, until) if since < until else (until, since)


def quality(request: HttpRequest) -> HttpResponse:
    """Organs ranked, tables worst first, what is still to be put right."""
    since, until = _period(request)
    organs = catalog.organ_scores(since=since, until=until, at=system_clock())
    scored = [one for one in organs if one.score is not None]
    return render(
        request,
        "steward/quality.html",
        {
            "since": since,
            "until": until,
            "organs": whole(ORGANS, list(enumerate(organs, 1)), id="organs"),
            "scored": scored,
            "series": [Series(name=_t("质量分"), values=[float(one.score or 0) for one in scored])],
            "tables": whole(TABLES, catalog.table_scores(until=until), id="tables"),
            "cases": whole(CASES, catalog.rectifications(limit=50), id="cases"),
            "organ_titles": organ_titles(),
        },
    )


def trend(request: HttpRequest, ref: str) -> HttpResponse:
    """One table's score over its loads, in all and by dimension."""
    runs = catalog.score_history(ref)
    names = list(dict.fromkeys(part.title for run in runs for part in run.dimensions))
    points = [{part.title: float(part.score) for part in run.dimensions} for run in runs]
    found = catalog.dataset(ref)
    series = [Series(name=_t("总分"), values=[float(run.score or 0) for run in runs])]
    series += [Series(name=name, values=[one.get(name) for one in points]) for name in names]
    return render(
        request,
        "steward/quality_trend.html",
        {
            "dataset": found,
            "may_see_rejected": may_see_rejected(request, found.organ),
            "runs": runs,
            "rules": [(title, n) for _rule, title, n in runs[-1].by_rule] if runs else [],
            "series": series,
            "cases": [one for one in catalog.rectifications() if one.ref == ref],
        },
    )


def report(request: HttpRequest) -> HttpResponse:
    """The quality report of a period, laid out for printing."""
    return render(request, "steward/quality_report.html", _report(request))


def report_json(request: HttpRequest) -> HttpResponse:
    """The same report as JSON."""
    body = msgspec.json.encode(_report(request), enc_hook=str)
    return HttpResponse(body, content_type="application/json")


def report_csv(request: HttpRequest) -> HttpResponse:
    """The tables of the same report as CSV, one line each."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["归集表", "名称", "提供机构", "质量分", "读取", "隔离", "标记", "整改办件", "仍有问题"]
    )
    since, until = _period(request)
    organs = organ_titles()
    for one in catalog.table_scores(since=since, until=until):
        organ = organs.get(one.organ, one.organ)
        writer.writerow(
            [
                *(one.ref, one.title, organ, one.score, one.read, one.rejected, one.flagged),
                *(one.case, "" if one.left is None else one.left),
            ]
        )
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="quality.csv"'
    return answer


def _report(request: HttpRequest) -> dict[str, Any]:
    since, until = _period(request)
    at = system_clock()
    return {
        "since": since,
        "until": until,
        "made_at": at,
        "organs": catalog.organ_scores(since=since, until=until, at=at),
        "tables": catalog.table_scores(since=since, until=until),
        "rectifications": catalog.rectifications(is_open=True),
    }


def bulletins(request: HttpRequest) -> HttpResponse:
    """Every bulletin, newest first, and the form to issue one of the days of a month so far."""
    today = local_date(system_clock())
    yesterday = today - timedelta(days=1)
    return render(
        request,
        "steward/bulletins.html",
        {
            "bulletins": whole(BULLETINS, catalog.bulletins()),
            "may_issue": identity.may(request.actor, "catalog.bulletin"),
            "since": yesterday.replace(day=1).isoformat(),
            "until": today.isoformat(),
        },
    )


def bulletin(request: HttpRequest, number: str) -> HttpResponse:
    """One bulletin, laid out for printing."""
    return render(request, "steward/bulletin.html", {"bulletin": catalog.bulletin(number)})


@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    """Issue the bulletin of a period."""
    try:
        since, until = (date.fromisoformat(request.POST.get(n, "")) for n in ("since", "until"))
        if since >= until:
            raise ValueError
    except ValueError as error:
        raise Invalid(_t("期间不完整。"), hint=_t("起始日期应早于截止日期。")) from error
    made = catalog.issue_bulletin(
        since=since, until=until, at=system_clock(), officer=request.actor
    )
    messages.success(request, _t("通报已发出。"))
    return redirect("steward:bulletin", made)


routes = [
    route(
        "quality/", quality, right="catalog.see", name="quality", menu=_("数据质量"), icon="gauge"
    ),
    route("quality/report/", report, right="catalog.see", name="quality_report"),
    route("quality/report.json", report_json, right="catalog.see", name="quality_report_json"),
    route("quality/report.csv", report_csv, right="catalog.see", name="quality_report_csv"),
    route("quality/<str:ref>/", trend, right="catalog.see", name="quality_trend"),
    route(
        "bulletins/",
        bulletins,
        right="catalog.see",
        name="bulletins",
        menu=_("质量通报"),
        icon="bell",
    ),
    route("bulletins/issue/", issue, right="catalog.bulletin", name="bulletin_issue"),
    route("bulletins/<str:number>/", bulletin, right="catalog.see", name="bulletin"),
]
