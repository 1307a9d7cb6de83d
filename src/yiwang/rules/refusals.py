"""The refusal of an expression: where it is, what is wrong, what to write."""

from yiwang.kernel.errors import Invalid


class ExpressionRefused(Invalid):
    """An expression is not of the language.

    ``data["position"]`` counts characters from 1; 0 means the whole expression.
    """

    code = "rules.expression_refused"

    def __init__(self, message: str, *, hint: str = "", position: int = 0, **data: object) -> None:
        where = f"第 {position} 个字符处：" if position else ""
        super().__init__(where + message, hint=hint, position=position, **data)


def position_of(text: str, characters: str) -> int:
    """The position (from 1) of the first of some characters, 0 when there is none."""
    places = [text.find(character) for character in characters if character in text]
    return min(places) + 1 if places else 0
