"""The templates' environment with what only the composition knows: who an account is, who looks."""

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.web import jinja


def environment(**options: object) -> Environment:
    """``web``'s environment, the filter ``person``, and ``page_mark`` for ``ui.watermark``."""
    env = jinja.environment(**options)
    env.filters["person"] = person
    env.globals["page_mark"] = page_mark
    return env


@pass_context
def person(context: Context, username: str | None) -> str:
    """What people call an account; each is asked for once in a page. No account: as it is."""
    known: dict[str, str] = vars(context["request"]).setdefault("person_names", {})
    if username and username not in known:
        known |= identity.account_names([username])
    return known[username] if username else "—"


@pass_context
def page_mark(context: Context) -> exchange.PageMark | None:
    """What marks a page with personal values: which officer looks at it, in which minute."""
    actor = context["request"].actor
    return (
        exchange.page_mark(actor, at=system_clock())
        if isinstance(actor, identity.Officer)
        else None
    )
