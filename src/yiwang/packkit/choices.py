"""What a place chooses of a pack's things: its own targets and parameter values."""

import msgspec

from yiwang.packkit.kinds.pack import Place
from yiwang.packkit.kinds.shared import Kind
from yiwang.packkit.kinds.sight import Alert, Indicator
from yiwang.packkit.kinds.work import Rules


def with_place_choice(ref: str, thing: Kind, place: Place) -> Kind:
    """The thing with the place's own target, or parameter value in its latest period."""
    if isinstance(thing, Indicator):
        target = place.targets.get(ref)
        return thing if target is None else msgspec.structs.replace(thing, target=target)
    if not isinstance(thing, Rules | Alert):
        return thing
    chosen = {}
    for name, parameter in thing.parameters.items():
        key = f"{ref}.{name}"
        if key in place.parameters:
            *earlier, last = parameter.values
            value = msgspec.structs.replace(last, value=place.parameters[key])
            chosen[name] = msgspec.structs.replace(parameter, values=(*earlier, value))
    if not chosen:
        return thing
    return msgspec.structs.replace(thing, parameters={**thing.parameters, **chosen})
