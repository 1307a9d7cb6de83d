"""docs/reference/expressions.md, printed from the spec tables of the rules."""

import click

from yiwang.rules.manual import manual


def pages(_yiwang: click.Group) -> dict[str, str]:
    """The expression language: its functions and what each operation means."""
    return {"docs/reference/expressions.md": manual()}
