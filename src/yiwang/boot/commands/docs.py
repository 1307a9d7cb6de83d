"""`yiwang docs`: write the pages that are printed from the code."""

import pkgutil
from importlib import import_module
from typing import cast

import click

from yiwang.boot import reference
from yiwang.boot.glossary import REPOSITORY


def printed_pages(yiwang: click.Group) -> dict[str, str]:
    """Every printed page of the repository by its path; ``yiwang`` is the whole command line."""
    names = sorted(module.name for module in pkgutil.iter_modules(reference.__path__))
    modules = [import_module(f"{reference.__name__}.{name}") for name in names]
    return {path: text for module in modules for path, text in module.pages(yiwang).items()}


@click.command()
@click.pass_context
@click.option("--check", is_flag=True, help="Write nothing; fail if a page is not current.")
def command(context: click.Context, check: bool) -> None:
    """Print the generated reference pages into the repository."""
    yiwang = cast(click.Group, context.find_root().command)
    stale = []
    for path, text in printed_pages(yiwang).items():
        file = REPOSITORY / path
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for path in stale:
        click.echo(f"{'not current' if check else 'printed'}: {path}")
    if check and stale:
        raise click.ClickException("run `make docs` and commit the pages")
