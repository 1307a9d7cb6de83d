"""`yiwang policy`: load policy documents, match everybody, hold a changed rule against people."""

from datetime import date
from pathlib import Path

import click

from yiwang.boot.commands.pack import packs_option
from yiwang.boot.options import data_option, place_option


@click.group()
def command() -> None:
    """Load policy documents, match everybody, and try a rule out before it takes effect."""


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--organ", default="data-bureau", show_default=True, help="Organ that keeps them.")
@data_option
@place_option
def load(files: tuple[Path, ...], organ: str, home: Path, place: str) -> None:
    """Load published texts (UTF-8, either script) into the library, clause by clause."""
    from yiwang.boot.starting import start_django

    start_django(home=home, place=place)
    from yiwang.apps.services import public as services
    from yiwang.kernel.clock import system_clock

    for file in files:
        ref, clauses, damaged = services.load_document(file, at=system_clock(), organ=organ)
        broken = f"，其中 {damaged} 段文字像是损坏的，请对照原件" if damaged else ""
        click.echo(f"{file.name} → {ref}：{clauses} 段{broken}")


@command.command()
@data_option
@place_option
@click.option("--as-of", default=None, help="The day to judge by, 2026-11-22; default: today.")
def match(home: Path, place: str, as_of: str | None) -> None:
    """Judge everybody by every policy in force, now, with frozen evidence."""
    from yiwang.boot.starting import start_django

    start_django(home=home, place=place)
    from yiwang.apps.services import public as services
    from yiwang.kernel.clock import local_date, system_clock

    at = system_clock()
    day = date.fromisoformat(as_of) if as_of else local_date(at)
    services.judge_everything(
        as_of=day, at=at, by="command", say=lambda n, m, table: click.echo(f"[{n}/{m}] {table}")
    )


@command.command("dry-run")
@click.argument("policy")
@click.option("--set", "changes", multiple=True, help="Another value: least_age=75. Repeatable.")
@click.option("--as-of", default=None, help="The day to judge by, 2026-11-22; default: today.")
@packs_option
@data_option
@place_option
def dry_run(
    policy: str,
    changes: tuple[str, ...],
    as_of: str | None,
    folder: Path,
    home: Path,
    place: str,
) -> None:
    """Hold POLICY (pack.policy) as the packs say it against what is installed: gains and losses.

    A policy that is not installed yet is held against nobody receiving anything. Nothing changes.
    """
    from yiwang.boot.starting import start_django

    start_django(home=home, place=place)
    from yiwang.apps.services import public as services
    from yiwang.kernel.clock import local_date, system_clock
    from yiwang.packkit import whole_shelf

    day = date.fromisoformat(as_of) if as_of else local_date(system_clock())
    wanted = dict(one.partition("=")[::2] for one in changes)
    told = services.try_out(policy, shelf=whole_shelf(folder, place), changes=wanted, as_of=day)
    click.echo(
        f"{told.title}：{'与现行规则相比' if told.is_installed else '尚未安装，与无人享受相比'}"
    )
    for effect in (*told.divisions, told.whole):
        click.echo(
            f"{effect.division or '合计'}\t新增 {effect.gain:,}\t减少 {effect.lose:,}"
            f"\t金额变化 {effect.more:,}\t每期差额 {effect.difference:,.2f}"
        )
    click.echo(
        f"判断 {told.people:,} 人；其中结论变为或不再是“无法判断”的 {told.whole.unclear:,} 人"
    )
