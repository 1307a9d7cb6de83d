"""The command `yiwang`: one module of ``boot/commands`` per command, found by its name.

``boot/commands/pack.py`` holds a click command or group called ``command``; it is imported only
when it is asked for, so that `yiwang glossary` does not wait for a query engine.
"""

import os
import pkgutil
import sys
from importlib import import_module
from typing import Any

import click

from yiwang.boot import commands
from yiwang.boot.mishaps import DISK_FULL, in_words

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.boot.settings")


class Commands(click.Group):
    """The commands that stand as modules in ``boot/commands``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, from the names of the modules."""
        found = (module.name for module in pkgutil.iter_modules(commands.__path__))
        return sorted({*self.commands, *(name.replace("_", "-") for name in found)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name in self.commands or cmd_name not in self.list_commands(ctx):
            return self.commands.get(cmd_name)
        module = import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what an operator can mend becomes two lines and exit code 1."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException):
            raise
        except Exception as error:
            refusal = in_words(error)
            if refusal is None:
                raise
            if refusal is DISK_FULL:  # files that are closed on the way out need not say it again
                sys.unraisablehook = lambda _: None
            click.echo(f"错误：{refusal.message}", err=True)
            if refusal.hint:
                click.echo(f"办法：{refusal.hint}", err=True)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """一网 Yiwang: run, check and look into a place's platform."""


if __name__ == "__main__":
    main()
