"""The Jinja2 environment of every page: addresses, translation, formats and the components."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import msgspec
from django.contrib.staticfiles import finders
from django.templatetags.static import static as static_address
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context

from yiwang.web import names
from yiwang.web.drawing import draw_flow, spark_path
from yiwang.web.formats import FILTERS
from yiwang.web.routes import address, right_of
from yiwang.web.shell import is_open
from yiwang.web.tables import labelled

COMPONENTS = ("icons", "page", "status", "table", "form", "trail", "islands")


def environment(**options: object) -> Environment:
    """An environment with autoescape, translation, addresses, ``draw_flow`` and ``ui``.

    ``ui`` holds every macro of ``templates/components``: ``{% call ui.card(_("标题")) %}``.
    """
    env = Environment(  # noqa: S701 - Django passes autoescape=True in options
        **{**options, "undefined": StrictUndefined, "extensions": ["jinja2.ext.i18n"]},  # type: ignore[arg-type]
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.policies["json.dumps_function"] = _json
    env.filters.update(
        FILTERS,
        organ=names.organ,
        division=names.division,
        basis=names.basis,
        table=names.table,
        labelled=labelled,
        spark_path=spark_path,
    )
    env.globals.update(
        static=static,
        url=lambda name, *args, **named: reverse(name, args=args, kwargs=named),
        address=address,
        reach=reach,
        draw_flow=draw_flow,
        ui=Components(env),
    )
    env.install_gettext_translations(translation, newstyle=True)  # type: ignore[attr-defined]
    return env


@pass_context
def reach(context: Context, name: str, *args: object) -> str:
    """The address of a page that this reader may open, else "": a link is no dead end."""
    return address(name, *args) if is_open(right_of(name), context["shell"].actor) else ""


def _json(value: object, **_: object) -> str:
    return msgspec.json.Encoder(decimal_format="number").encode(value).decode()


@lru_cache
def static(path: str) -> str:
    """The address of a static file, with its hash, so that a new version is fetched at once."""
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(f"no static file {path!r} in yiwang/web/static")
    return f"{static_address(path)}?v={sha256(Path(found).read_bytes()).hexdigest()[:8]}"


class Components:
    """The macros of ``templates/components/*.html`` under one name, loaded when first used."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._macros: dict[str, Callable[..., str]] = {}

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("_"):
            raise AttributeError(name)
        if not self._macros or self._env.auto_reload:
            for part in COMPONENTS:
                module = self._env.get_template(f"components/{part}.html").module
                self._macros |= {k: v for k, v in vars(module).items() if not k.startswith("_")}
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"no component {name!r}; known: {sorted(self._macros)}") from None
