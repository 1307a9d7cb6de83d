"""docs/reference/cli.md, printed from the commands themselves."""

import inspect
from collections.abc import Iterator

import click

HEAD = """# The command `yiwang`

Printed by `yiwang docs` from the commands' own help.
"""


def pages(yiwang: click.Group) -> dict[str, str]:
    """Every command and subcommand with its arguments and options."""
    context = click.Context(yiwang, info_name="yiwang")
    return {"docs/reference/cli.md": HEAD + "".join(_section(yiwang, context))}


def _section(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\n## `{context.command_path}`\n\n"
    yield f"{inspect.cleandoc(command.help or '')}\n\n`{context.command_path} {usage}`\n"
    options = [p for p in command.get_params(context) if isinstance(p, click.Option)]
    shown = [option for option in options if "--help" not in option.opts and not option.hidden]
    if shown:
        yield "\n| option | meaning |\n|---|---|\n"
        yield from (_row(option, context) for option in shown)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _section(below, click.Context(below, info_name=name, parent=context))


def _row(option: click.Option, context: click.Context) -> str:
    written, meaning = option.get_help_record(context) or ("", "")
    return f"| `{written}` | {meaning} |\n".replace("\\", "\\\\")
