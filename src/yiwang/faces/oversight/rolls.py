"""点名: the centre calls, urges and closes; who is called answers, on a desk or a phone."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.faces.oversight.incidents import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.acts import done_or_told
from yiwang.web.routes import route

STATES = {
    "missing": (_("未应答"), "red"),
    "nobody": (_("无人值班"), "red"),
    "waiting": (_("等待应答"), "yellow"),
    "late": (_("迟到"), "yellow"),
    "there": (_("已应答"), "green"),
}


def roll(request: HttpRequest) -> HttpResponse:
    """What waits for the officer's own answer."""
    officer, at = officer_of(request), system_clock()
    waiting = casework.rolls_waiting(officer=officer, at=at)
    return render(request, "oversight/roll.html", {"waiting": waiting})


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Say that one is there."""
    officer, at = officer_of(request), system_clock()

    def done() -> str:
        text = request.POST.get("text", "")
        casework.answer_roll(number=number, text=text, officer=officer, at=at)
        return _t("已应答。")

    if said := done_or_told(request, done):
        messages.success(request, said)
    return redirect("oversight:roll")


@require_POST
def call(request: HttpRequest) -> HttpResponse:
    """Call the roll, urge who is missing, or close it."""
    form, officer, at = request.POST, officer_of(request), system_clock()

    def done() -> str:
        match form.get("act"):
            case "urge":
                number = _whole(form.get("number", ""))
                count = casework.urge_roll(number=number, officer=officer, at=at)
                return _t("已催促 %(n)s 人。") % {"n": count}
            case "close":
                number = _whole(form.get("number", ""))
                casework.close_roll(number=number, officer=officer, at=at)
                return _t("点名已结束，结果已记入值班日志。")
        casework.call_roll(
            minutes=_whole(form.get("minutes", "")),
            organs=form.getlist("organs"),
            officer=officer,
            at=at,
        )
        return _t("点名已发出。")

    if said := done_or_told(request, done):
        messages.success(request, said)
    return redirect("oversight:command")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(_t("这里要一个整数。"), hint=_t("例如 5。"))
    return int(text)


routes = [
    route("roll/", roll, right="command.answer", name="roll", menu=_("点名"), icon="bell"),
    route("roll/<int:number>/", answer, right="command.answer", name="roll_answer"),
    route("command/roll/", call, right="command.call", name="command_roll"),
]
