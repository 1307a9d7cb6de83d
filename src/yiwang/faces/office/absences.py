"""Who is away and who does their work meanwhile: one's own leave; to its manager, the organ's."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.routes import OFFICER, route
from yiwang.web.tables import Column, listing, wish

COLUMNS = (
    Column(title=_("离岗人员")),
    Column(title=_("代办人")),
    Column(title=_("起止")),
    Column(title=_("事由")),
    Column(title=_("状态")),
    Column(title=_("操作")),
)


@require_http_methods(["GET", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """Name a deputy, or end an absence; the rest of the work goes on by itself."""
    officer, now, error = officer_of(request), system_clock(), None
    if request.method == "POST":
        try:
            _change(request, officer)
        except (Invalid, Conflict, NotFound) as refusal:
            error = refusal
        else:
            messages.success(request, _t("已生效。"))
            return redirect("office:absences")
    is_manager = identity.may(officer, "identity.absence.manage")
    people = [(one.username, one.name) for one in identity.colleagues(officer=officer, at=now)]
    shown = {
        "absences": listing(
            request,
            COLUMNS,
            identity.absences(officer=officer, at=now),
            wish=wish(request, COLUMNS),
        ),
        "own": (officer.username, officer.name),
        "is_manager": is_manager,
        "people": people,
        "others": [one for one in people if is_manager or one[0] != officer.username],
        "today": local_date(now).isoformat(),
        "error": error,
        "given": request.POST,
    }
    return render(request, "office/absences.html", shown, status=422 if error else 200)


def _change(request: HttpRequest, officer: identity.Officer) -> None:
    given, now = request.POST, system_clock()
    if given.get("step") == "end":
        known = given.get("absence", "")
        number = int(known) if known.isascii() and known.isdigit() and len(known) < 19 else 0
        identity.end_absence(absence=number, officer=officer, at=now)
        return
    try:
        days = [date.fromisoformat(given.get(name, "")) for name in ("first_on", "last_on")]
    except ValueError:
        raise Invalid(_t("请填写离岗的首日和末日。"), hint=_t("格式如 2026-12-01。")) from None
    identity.name_deputy(
        username=given.get("username", "") or officer.username,
        deputy=given.get("deputy", ""),
        first_on=days[0],
        last_on=days[1],
        reason=given.get("reason", "")[:200],
        officer=officer,
        at=now,
    )


routes = [
    route("absences/", absences, right=OFFICER, name="absences", menu=_("离岗代办"), icon="people"),
]
