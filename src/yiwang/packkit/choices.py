"""What a place chooses of a pack's things: its own targets and values, and the packs beside it."""

from collections.abc import Container, Iterable, Iterator

import msgspec

from yiwang.packkit.kinds.pack import Place
from yiwang.packkit.kinds.shared import Kind
from yiwang.packkit.kinds.sight import Alert, Indicator, Screen, Vitals
from yiwang.packkit.kinds.work import Rules
from yiwang.packkit.reading import Pack


def chosen(
    pack: Pack, folder: str, *, place: Place, beside: Iterable[str]
) -> Iterator[tuple[str, Kind]]:
    """A pack's things of a kind by ``pack.id``, as the place has them, which has ``beside`` it."""
    absent = {*pack.manifest.uses} - {*beside}
    for name, thing in getattr(pack, folder).items():
        ref = f"{pack.id}.{name}"
        yield ref, _without(_with_place_choice(ref, thing, place), absent)


def _with_place_choice(ref: str, thing: Kind, place: Place) -> Kind:
    """The thing with the place's own target, or parameter value in its latest period."""
    if isinstance(thing, Indicator):
        target = place.targets.get(ref)
        return thing if target is None else msgspec.structs.replace(thing, target=target)
    if not isinstance(thing, Rules | Alert):
        return thing
    values = {}
    for name, parameter in thing.parameters.items():
        key = f"{ref}.{name}"
        if key in place.parameters:
            *earlier, last = parameter.values
            value = msgspec.structs.replace(last, value=place.parameters[key])
            values[name] = msgspec.structs.replace(parameter, values=(*earlier, value))
    if not values:
        return thing
    return msgspec.structs.replace(thing, parameters={**thing.parameters, **values})


def _without(thing: Kind, absent: Container[str]) -> Kind:
    """The tree or screen less what it would show of packs that the place has not."""
    if isinstance(thing, Vitals):
        signs = {
            name: sign
            for name, sign in thing.signs.items()
            if not sign.indicator or _pack(sign.indicator) not in absent
        }
        while bare := [
            name
            for name, sign in signs.items()
            if not sign.indicator and all(one.under != name for one in signs.values())
        ]:
            signs = {name: sign for name, sign in signs.items() if name not in bare}
        return msgspec.structs.replace(thing, signs=signs)
    if not isinstance(thing, Screen):
        return thing
    widgets = []
    for widget in thing.widgets:
        names = [widget.of] if widget.kind == "text" else widget.of.split(",")
        left = [name.strip() for name in names if _pack(name) not in absent]
        if left:
            widgets.append(msgspec.structs.replace(widget, of=",".join(left)))
    return msgspec.structs.replace(thing, widgets=tuple(widgets))


def _pack(ref: str) -> str:
    return ref.strip().partition(".")[0]
