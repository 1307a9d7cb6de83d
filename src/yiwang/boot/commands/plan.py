"""`yiwang plan`: which of the plans' demands a place serves and what proves each; read a plan."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from yiwang.packkit import Library

PACKS = click.option(
    "--packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("packs"),
    show_default=True,
    help="The folder of packs.",
)


@click.group(invoke_without_command=True)
@click.option("--place", default="siyang", show_default=True, help="A place under packs/places.")
@click.option("--open", "only_open", is_flag=True, help="Only what no pack serves yet.")
@PACKS
@click.pass_context
def command(context: click.Context, place: str, only_open: bool, packs: Path) -> None:
    """Print which capabilities the packs of a place serve and what proves each."""
    if context.invoked_subcommand is not None:
        return
    library = Library.read(packs, place)
    shown = _boards().proofs_of(library, place=place)
    address = import_module("yiwang.web.routes").address
    served = [proof for proof in shown if proof.is_served]
    for proof in shown:
        if proof.is_served and not only_open:
            tests = f"，{proof.tests} 份测试表" if proof.tests else ""
            indicators = "、".join(one.ref for one in proof.indicators)
            click.echo(
                f"{proof.capability.id} {proof.capability.title}：{'、'.join(proof.packs) or '—'}"
                f"{'，见 ' + '、'.join(map(address, proof.pages)) if proof.pages else ''}"
                f"{tests}{'，指标 ' + indicators if indicators else ''}"
            )
        elif not proof.is_served:
            click.echo(f"{proof.capability.id} {proof.capability.title}：尚无场景包承担")
    click.echo(f"{library.place.title}的方案共 {len(shown)} 项要求，已承担 {len(served)} 项")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read(file: Path) -> None:
    """Print the tasks, leaders and targets that FILE (TXT or DOCX) proposes; keeps nothing."""
    boards = _boards()
    plan = boards.read_plan(boards.plan_text_of(file.name, file.read_bytes()))
    click.echo(f"{plan.title} {plan.number} {plan.issued_on or ''}".rstrip())
    for task in plan.tasks:
        click.echo(f"{task.number} {task.title}｜{'、'.join(task.leads) or '未写明'}")
    for target in plan.targets:
        click.echo(f"目标 {target.value}{target.unit}：{target.words}")
    for doubt in plan.doubts:
        click.echo(f"存疑：{doubt}")


def _boards() -> ModuleType:
    """The door of boards, behind Django; nothing is read from or written to a database."""
    import_module("yiwang.boot.starting").start_django(home=None)
    return import_module("yiwang.apps.boards.public")
