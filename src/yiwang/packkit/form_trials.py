"""What a pack's test expects of a form: fields asked, materials needed, members wanted."""

from collections.abc import Iterator
from datetime import date

from yiwang.packkit.asking import is_asked, needed, wanted
from yiwang.packkit.cells import typed
from yiwang.packkit.kinds.trial import ExpectedForm
from yiwang.packkit.merging import merged
from yiwang.packkit.shelf import Shelf


def filled(expected: ExpectedForm, shelf: Shelf, *, as_of: date) -> Iterator[str]:
    """Every difference between what is expected and what the packs say."""
    items, forms = shelf.items(), shelf.forms()
    if expected.bundle:
        joined = merged(shelf.bundles()[expected.bundle], items, forms)
        form, materials = joined.form, joined.materials
    else:
        item = shelf.item(expected.item)
        form, materials = forms[item.form], item.materials
    values = {
        name: typed(str(value), form.fields[name].type) for name, value in expected.values.items()
    }
    asked = [
        name
        for name in form.fields
        if name not in values and is_asked(form, name, values, as_of=as_of)
    ]
    wants = needed(materials, form, values, as_of=as_of)
    yield from _differ("填写项", expected.asks, asked)
    yield from _differ("材料", expected.materials, wants)
    if expected.bundle:
        members = wanted(shelf.bundles()[expected.bundle], form, values, as_of=as_of)
        yield from _differ("联办事项", expected.members, members)


def _differ(what: str, expected: tuple[str, ...], got: object) -> Iterator[str]:
    assert isinstance(got, list | tuple | dict)
    if sorted(expected) != sorted(got):
        yield f"{what}应为 {'、'.join(sorted(expected))}，实为 {'、'.join(sorted(got))}"
