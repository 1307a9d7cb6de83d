"""The Jinja2 environment of every page."""

from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined


def environment(**options: object) -> Environment:
    """An environment with autoescape, translation and the two address functions."""
    env = Environment(  # noqa: S701 - Django passes autoescape=True in options
        **{**options, "undefined": StrictUndefined, "extensions": ["jinja2.ext.i18n"]}  # type: ignore[arg-type]
    )
    env.globals.update(static=static, url=lambda name, *args: reverse(name, args=args))
    env.install_gettext_translations(translation, newstyle=True)  # type: ignore[attr-defined]
    return env
