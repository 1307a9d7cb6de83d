"""好差评 for organs and leaders: the numbers of all, the words about one's own."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

SCORES = (
    Column(title=_("部门")),
    Column(title=_("办结"), is_number=True),
    Column(title=_("主动评价"), is_number=True),
    Column(title=_("好评率")),
    Column(title=_("95% 区间")),
    Column(title=_("默认评价"), is_number=True),
    Column(title=_("差评整改")),
)
WORDS = (
    Column(title=_("办件")),
    Column(title=_("部门")),
    Column(title=_("评价")),
    Column(title=_("意见")),
    Column(title=_("渠道")),
    Column(title=_("时间")),
    Column(title=_("整改")),
)
PERIODS = (30, 90, 365)


def ratings(request: HttpRequest) -> HttpResponse:
    """The last days in numbers, and what was said, bad words first at a click."""
    officer, at = officer_of(request), system_clock()
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in PERIODS} else 90
    organ, only_bad = request.GET.get("organ", ""), request.GET.get("bad", "") == "1"
    found = casework.scores(since=at - timedelta(days=days), until=at, at=at)
    said = casework.ratings(officer=officer, organ=organ, only_bad=only_bad)
    watches = "rating.watch" in officer.rights
    shown = {
        "scores": whole(SCORES, [one for one in found if watches or one.organ == officer.organ]),
        "words": whole(WORDS, said),
        "titles": {one.id: one.title for one in identity.organs()},
        "days": days,
        "periods": PERIODS,
        "only_bad": only_bad,
        "organ": organ,
        "watches": watches,
    }
    return render(request, "office/ratings.html", shown)


routes = [
    route("ratings/", ratings, right="case.see", name="ratings", menu=_("好差评"), icon="star"),
]
