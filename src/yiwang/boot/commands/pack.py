"""`yiwang pack`: begin, check, test and look at packs. Needs no Django and no data folder."""

from collections.abc import Iterator
from pathlib import Path

import click

from yiwang.boot.glossary import REPOSITORY
from yiwang.packkit import (
    FOLDERS,
    Finding,
    NothingCalled,
    Pack,
    Shelf,
    check_library,
    new_pack,
    run_trials,
    whole_shelf,
)

packs_option = click.option(
    "--packs",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=REPOSITORY / "packs",
    envvar="YIWANG_PACKS",
    show_default="packs/ of the repository",
    help="Folder that holds the packs.",
)
place_option = click.option(
    "--place",
    default="siyang",
    envvar="YIWANG_PLACE",
    show_default=True,
    help="Place whose organs, divisions and values are used.",
)


@click.group()
def command() -> None:
    """Begin, check, test and look at packs: folders of declarations that the platform runs."""


@command.command()
@click.argument("name")
@click.option("--title", default="", help="Chinese title of the pack.")
@click.option("--owner", default="data-bureau", show_default=True, help="Organ that owns it.")
@packs_option
def new(name: str, title: str, owner: str, folder: Path) -> None:
    """Write the first files of a pack NAME that already passes its check and its test."""
    for file in new_pack(folder, name, title=title, owner=owner):
        click.echo(f"写好 {shown(file)}")
    click.echo(f"下一步：yiwang pack check {name}；yiwang pack test {name}")


@command.command()
@click.argument("names", nargs=-1)
@packs_option
def check(names: tuple[str, ...], folder: Path) -> None:
    """Check packs whole: references, SQL, grades, rules, flows. NAMES: all packs and places.

    Exits with 1 when there is a finding; each says file:line, what is wrong and what to write.
    """
    findings = findings_of(folder, names)
    for finding in findings:
        click.echo(f"{shown(finding.file)}:{finding.line}：{finding.what}")
        click.echo(f"    {finding.write}" if finding.write else "")
    checked = "、".join(names) or "全部场景包和地方"
    if findings:
        click.echo(f"{checked}：{len(findings)} 处错误", err=True)
        raise SystemExit(1)
    click.echo(f"{checked}：没有错误")


@command.command()
@click.argument("names", nargs=-1)
@packs_option
@place_option
def test(names: tuple[str, ...], folder: Path, place: str) -> None:
    """Run the packs' own tests: given rows, expected rows, verdicts, alerts. NAMES: all packs."""
    if findings := findings_of(folder, names):
        click.echo(f"有 {len(findings)} 处错误，先运行 yiwang pack check", err=True)
        raise SystemExit(1)
    shelf = whole_shelf(folder, place)
    failed = passed = 0
    for pack in chosen(shelf, names):
        for outcome in run_trials(pack, shelf):
            failed += bool(outcome.failures)
            passed += not outcome.failures
            mark = "不符" if outcome.failures else "相符"
            click.echo(f"{mark} {outcome.pack}/{outcome.id}：{outcome.title}")
            for failure in outcome.failures:
                click.echo(f"    {failure}")
    click.echo(f"{passed} 个相符，{failed} 个不符")
    raise SystemExit(1 if failed else 0)


@command.command()
@click.argument("name", required=False)
@packs_option
@place_option
def show(name: str | None, folder: Path, place: str) -> None:
    """Show what packs hold; with NAME, one pack with the grade and lineage of every column."""
    shelf = whole_shelf(folder, place)
    if name is None:
        for pack in shelf.packs.values():
            counts = "，".join(f"{kind} {len(getattr(pack, kind))}" for kind in kinds_of(pack))
            click.echo(f"{pack.id}\t{pack.manifest.title}\t{counts}")
        return
    for pack in chosen(shelf, (name,)):
        for line in description(pack, shelf):
            click.echo(line)


def findings_of(folder: Path, names: tuple[str, ...]) -> list[Finding]:
    """The findings of the named packs, or of all."""
    for name in names:
        if not (folder / name).is_dir():
            near = "、".join(path.parent.name for path in sorted(folder.glob("*/pack.yaml")))
            raise NothingCalled(f"没有场景包“{name}”。", hint=f"现有：{near}。", name=name)
    homes = [folder / name for name in names] or [folder]
    found = check_library(folder, names)
    return [one for one in found if any(one.file.is_relative_to(home) for home in homes)]


def chosen(shelf: Shelf, names: tuple[str, ...]) -> list[Pack]:
    """The named packs, or all."""
    if missing := [name for name in names if name not in shelf.packs]:
        raise NothingCalled(
            f"没有场景包“{missing[0]}”，或它有错误。",
            hint=f"现有：{'、'.join(shelf.packs)}。有错误时先运行 yiwang pack check。",
            name=missing[0],
        )
    return [shelf.packs[name] for name in names or shelf.packs]


def kinds_of(pack: Pack) -> list[str]:
    """The kinds of which the pack holds something."""
    return [kind for kind in FOLDERS if getattr(pack, kind)]


def description(pack: Pack, shelf: Shelf) -> Iterator[str]:
    """A pack in lines: what it is, what each kind holds, where table columns come from."""
    manifest = pack.manifest
    yield f"{manifest.title}（{pack.id}，版本 {manifest.version}，{manifest.owner}）"
    if manifest.description:
        yield manifest.description
    yield f"需要：{'、'.join(manifest.needs) or '无'}；清单行：{'、'.join(manifest.serves) or '无'}"
    for kind in kinds_of(pack):
        yield f"{kind}："
        for name, thing in getattr(pack, kind).items():
            yield f"  {name}\t{thing.title}"
            if kind == "tables":
                yield from lineage(f"{pack.id}.{name}", shelf)


def lineage(table: str, shelf: Shelf) -> Iterator[str]:
    """The columns of a computed table: title, grade, sources."""
    for column, one in shelf.table(table).columns.items():
        sources = "、".join(".".join(source) for source in shelf.sources(table, column))
        yield f"    {column}\t{one.title}\t{shelf.grade(table, column)}级\t← {sources or '计数'}"


def shown(path: Path) -> Path:
    """The path as short as it can be written from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
