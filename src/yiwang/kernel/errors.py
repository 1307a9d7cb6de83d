"""The one base of every error: what happened, why, and what to do next."""

from typing import ClassVar, cast


class YiwangError(Exception):
    """An error a person can act on.

    ``message`` says in Chinese what happened and why, ``hint`` what to do, ``data`` holds the
    facts by name for machines (never a personal value). ``code`` is stable and ``room.sentence``
    shaped; ``status`` is the HTTP status with which a face answers (RFC 9457).
    """

    code: ClassVar[str] = "yiwang.error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, hint: str = "", **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data = data

    @property
    def fields(self) -> dict[str, str]:
        """Which inputs of a form are wrong, each with its sentence; empty where none is."""
        return cast(dict[str, str], self.data.get("fields", {}))

    def __str__(self) -> str:
        return f"{self.message}{self.hint and f'（{self.hint}）'}"


class NotAllowed(YiwangError):
    """The actor lacks the right, or a grant does not cover the call."""

    code = "yiwang.not_allowed"
    status = 403


class NotFound(YiwangError):
    """Nothing has this id, or the actor may not know that it exists."""

    code = "yiwang.not_found"
    status = 404


class Conflict(YiwangError):
    """The thing is in a state that does not admit this step."""

    code = "yiwang.conflict"
    status = 409


class Invalid(YiwangError):
    """The input breaks a stated rule."""

    code = "yiwang.invalid"
    status = 422

    @classmethod
    def unless(
        cls, *rules: tuple[bool, str, str], hint: str = "请改正后重新提交。", **data: object
    ) -> None:
        """Raise what breaks the rules, each given as whether it holds, its field, a sentence."""
        broken = [(field, sentence) for holds, field, sentence in rules if not holds]
        if broken:
            fields = {field: sentence for field, sentence in reversed(broken) if field}
            said = "".join(sentence for _, sentence in broken)
            raise cls(said, hint=hint, fields=dict(reversed(fields.items())), **data)


class Unavailable(YiwangError):
    """Something this depends on does not answer now; the same call may succeed later."""

    code = "yiwang.unavailable"
    status = 503
