"""What a SensorThings request may be refused for."""

from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, YiwangError


class RequestMalformed(Invalid):
    """A path, query option, filter or body is not written as the standard has it."""

    code = "api.sensorthings_request_malformed"
    status = 400


class EntityUnknown(NotFound):
    """No entity has this id, or the path leads nowhere."""

    code = "api.sensorthings_entity_unknown"


class NotOffered(YiwangError):
    """A part of the standard that this service does not offer."""

    code = "api.sensorthings_not_offered"
    status = 501


class EntityFixed(Conflict):
    """The entity comes from a register and is changed there."""

    code = "api.sensorthings_entity_fixed"


class KeyNeeded(NotAllowed):
    """Neither a signed-in officer nor a key or token that may do this."""

    code = "api.sensorthings_key_needed"
    status = 401


def malformed(what: str, hint: str = "写法见 docs/reference/sensorthings.md。") -> RequestMalformed:
    """A refusal that says what is not understood."""
    return RequestMalformed(what, hint=hint)
