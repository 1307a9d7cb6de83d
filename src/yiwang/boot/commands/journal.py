"""`yiwang journal`: seal what waits, export the log, verify an export.

`verify` imports neither Django nor settings: an auditor runs it on another machine with the
exported folder and the public key.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from yiwang.apps.journal.verify import verify_export
from yiwang.kernel.clock import system_clock

data = click.option(
    "--data",
    "home",
    type=click.Path(file_okay=False, path_type=Path),
    help="The place's data folder.",
)


@click.group()
def command() -> None:
    """The tamper-evident journal."""


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", required=True, help="The public key: a file, or the line itself.")
def verify(folder: Path, key: str) -> None:
    """Verify the exported log in FOLDER against the public KEY; exit 1 if it does not hold."""
    path = Path(key)
    line = path.read_text(encoding="utf-8") if len(key) < 400 and path.is_file() else key
    verdict = verify_export(folder, line)
    click.echo(
        f"{verdict.entries} 条留痕，{verdict.blocks} 个区块，{verdict.checkpoints} 个检查点，"
        f"用时 {verdict.seconds:.1f} 秒"
    )
    if verdict.unsigned:
        click.echo(f"最后一个检查点之后的 {verdict.unsigned} 条尚无签名")
    for damage in verdict.damages[:100]:
        click.echo(f"不符：{damage}", err=True)
    if not verdict.holds:
        click.echo(f"日志不成立：{len(verdict.damages)} 处不符", err=True)
        sys.exit(1)
    click.echo("日志完整，自写入以来没有改动")


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@data
def export(folder: Path, home: Path | None) -> None:
    """Copy the log, its checkpoints and its public key to FOLDER."""
    journal = _journal(home)
    journal.seal(at=system_clock())
    checkpoint = journal.export(folder, at=system_clock())
    click.echo(f"导出 {checkpoint.size} 条到 {folder}")
    click.echo(f"公钥：{journal.public_key()}")


@command.command()
@data
def seal(home: Path | None) -> None:
    """Take what waits in the outbox into the log and sign a checkpoint."""
    click.echo(f"封存 {_journal(home).seal(at=system_clock())} 条")


def _journal(home: Path | None) -> ModuleType:
    """The journal's door, behind Django: `verify` never comes here."""
    import_module("yiwang.boot.starting").start_django(home=home)
    return import_module("yiwang.apps.journal.public")
