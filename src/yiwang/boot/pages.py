"""The templates' environment with what only the composition knows: who stands behind an account."""

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from yiwang.apps.identity import public as identity
from yiwang.web import jinja


def environment(**options: object) -> Environment:
    """``web``'s environment, and the filter ``person``."""
    env = jinja.environment(**options)
    env.filters["person"] = person
    return env


@pass_context
def person(context: Context, username: str | None) -> str:
    """What people call an account; each is asked for once in a page. No account: as it is."""
    known: dict[str, str] = vars(context["request"]).setdefault("person_names", {})
    if username and username not in known:
        known |= identity.account_names([username])
    return known[username] if username else "—"
