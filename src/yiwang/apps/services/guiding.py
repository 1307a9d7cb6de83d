"""智能导办: questions that narrow to the situation, then exactly what to do and what it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.forms import public as forms
from yiwang.apps.services.applications import AskedField
from yiwang.apps.services.bundles import BundleView, bundle
from yiwang.apps.services.items import GuideView, ItemView, guide, item
from yiwang.kernel.clock import local_date
from yiwang.packkit.asking import fitting_outcomes, is_asked
from yiwang.packkit.kinds.work import Form


@dataclass(frozen=True)
class Todo:
    """What to do in the situation that the answers tell."""

    title: str
    note: str
    items: tuple[ItemView, ...]
    bundles: tuple[BundleView, ...]


@dataclass(frozen=True)
class GuidePage:
    """A guide as far as it was answered: the questions to show, and what fits already."""

    guide: GuideView
    asked: tuple[AskedField, ...]
    is_complete: bool
    """Whether every question that is asked has an answer."""
    todo: tuple[Todo, ...]


def guide_page(ref: str, *, answers: Mapping[str, str], at: datetime) -> GuidePage:
    """The guide with these answers; nothing is kept and nobody needs to sign in."""
    found = guide(ref)
    form = Form(title=found.title, fields=found.content.questions)
    values = forms.values_in(form, answers, known={})
    on = local_date(at)
    shown = [name for name in form.fields if is_asked(form, name, values, as_of=on)]
    is_complete = all(values[name] is not None for name in shown)
    fitting = fitting_outcomes(found.content, values, as_of=on) if is_complete else ()
    return GuidePage(
        guide=found,
        asked=tuple(_question(form, name, answers) for name in shown),
        is_complete=is_complete,
        todo=tuple(
            Todo(
                one.title,
                one.note,
                tuple(item(each) for each in one.items),
                tuple(bundle(each) for each in one.bundles),
            )
            for one in fitting
        ),
    )


def _question(form: Form, name: str, answers: Mapping[str, str]) -> AskedField:
    one = form.fields[name]
    options = forms.options(one.codes) if one.codes else one.options.items()
    return AskedField(
        name=name,
        title=one.title,
        type=one.type,
        value=answers.get(name, ""),
        help=one.help,
        required=True,
        options=tuple(options),
        decides=True,
    )
