"""What the repository says of itself is true: make targets, commands, glossary, printed pages."""

import re

import click
import pytest
import source

from yiwang.boot.cli import main
from yiwang.boot.commands.docs import printed_pages
from yiwang.boot.glossary import read_glossary

MAKEFILE = (source.REPOSITORY / "Makefile").read_text("utf-8")


def _documents() -> str:
    pages = [p for p in source.tracked() if p.suffix == ".md"]
    return "\n".join(page.read_text("utf-8") for page in pages)


def test_every_make_target_has_help_and_stands_in_a_document():
    targets = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.M)
    helped = re.findall(r"^([a-z][a-z-]*):.*## \S", MAKEFILE, re.M)
    documents = _documents()
    assert targets == helped
    assert not [name for name in targets if f"make {name}" not in documents]


def _commands(group: click.Group, path: str = "yiwang"):
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


def test_every_command_is_documented():
    page = (source.REPOSITORY / "docs/reference/cli.md").read_text("utf-8")
    missing = [path for path, _ in _commands(main) if f"## `{path}`" not in page]
    assert not missing, "run `make docs`"


def test_every_command_and_option_explains_itself():
    silent = [path for path, command in _commands(main) if not command.help]
    silent += [
        f"{path} {option.name}"
        for path, command in _commands(main)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert not silent


@pytest.mark.parametrize("path", sorted(printed_pages(main)))
def test_a_printed_page_is_current(path):
    file = source.REPOSITORY / path
    assert file.exists(), "run `make docs`"
    # The order of lines is let go: two branches that append to one list may land either way.
    written = sorted(file.read_text("utf-8").splitlines())
    assert written == sorted(printed_pages(main)[path].splitlines()), "run `make docs`"


def test_no_word_stands_twice_in_the_glossary():
    words = [term.zh for term in read_glossary()]
    assert not sorted({word for word in words if words.count(word) > 1})


def test_every_glossary_code_lives_in_the_source_or_stands_in_a_document():
    sources = "\n".join(path.read_text("utf-8") for path, _ in source.modules().values())
    names = {part for dotted in source.modules() for part in dotted.split(".")}
    known = names | set(re.findall(r"\w+", sources + _documents()))
    assert not [term.code for term in read_glossary() if term.code not in known]


def test_every_link_between_documents_leads_somewhere():
    broken = [
        f"{source.shown(page)}: {target}"
        for page in source.tracked()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_every_decision_stands_in_the_list_of_decisions():
    folder = source.REPOSITORY / "docs/decisions"
    listed = (folder / "README.md").read_text("utf-8")
    pages = [page.name for page in folder.glob("*.md") if page.name != "README.md"]
    assert pages
    assert not [name for name in pages if f"({name})" not in listed]
    assert not [
        name for name in pages if not re.fullmatch(r"20\d\d-\d\d-\d\d-[a-z0-9-]+\.md", name)
    ]


PROMISES = ("foundation", "data-resources", "sharing", "services", "oversight", "programme")
"""Pages of docs/reference that lay each clause of an issue beside its proof."""


@pytest.mark.parametrize("name", PROMISES)
def test_every_proof_that_is_named_exists(name):
    page = (source.REPOSITORY / f"docs/reference/{name}.md").read_text("utf-8")
    proofs = re.findall(r"`((?:tests|packs|bench)/[\w./]+)(?:::(\w+))?`", page)
    gone = [
        f"{path}::{name}"
        for path, name in proofs
        if not (source.REPOSITORY / path).exists()
        or (name and f"def {name}(" not in (source.REPOSITORY / path).read_text("utf-8"))
    ]
    assert not gone
