"""What a reader is told to open or to type is there: addresses, commands, accounts, stages."""

import re
import shlex

import click
import pytest
import source
from django.urls import Resolver404, get_resolver

from yiwang.boot.cli import main
from yiwang.boot.demo import cast
from yiwang.boot.demo.stages import STAGES

DOCS = source.REPOSITORY / "docs"
TUTORIALS = [DOCS / "tutorial/first-run.md", DOCS / "tutorial/first-run.zh-CN.md"]
READMES = [source.REPOSITORY / "README.md", source.REPOSITORY / "README.zh-CN.md"]
GUIDES = [
    page for page in source.tracked() if page.suffix == ".md" and "reference" not in page.parts
]
FACES = (
    "oversight",
    "office",
    "steward",
    "api",
    "verify",
    "mine",
    "my",
    "items",
    "sign-in",
    "for-me",
    "policies",
    "ask",
)
ACCOUNTS = {one.username for one in (*cast.OFFICERS, *cast.ITEM_DESKS)} | {
    cast.REVIEWER,
    cast.VILLAGE_CLERK,
    cast.PATROL,
    cast.RESIDENT,
    *(name for name, _ in cast.RESIDENTS.values()),
}


def _addresses(text: str) -> list[str]:
    """Addresses of pages in a guide; `…` and `<word>` stand for one part."""
    found = re.findall(rf"`(/(?:(?:{'|'.join(FACES)})[^`\s?]*)?)`", text)
    found += re.findall(r"127\.0\.0\.1:8000(/[^\s>`\"'?]*)", text)
    return [re.sub(r"…|<[a-z]+>", "x", address) for address in found]


@pytest.mark.parametrize("page", GUIDES, ids=source.shown)
def test_every_address_leads_to_a_page(page):
    resolver, astray = get_resolver("yiwang.boot.urls"), []
    for address in _addresses(page.read_text("utf-8")):
        try:
            resolver.resolve(address)
        except Resolver404:
            astray.append(address)
    assert not astray


def _lines(text: str) -> list[str]:
    """Command lines of a guide: those of `sh` blocks and those that stand in a line of text."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
    typed = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return typed + re.findall(r"`((?:yiwang|make) [^`]+)`", text)


def _refusal(line: str) -> str:
    """Why ``yiwang …`` cannot be typed as it stands, or ""."""
    command: click.Command | None = main
    context = click.Context(main)
    for word in shlex.split(line.replace("\\|", "|"), comments=True)[1:]:
        if word.startswith("-"):
            known = [name for one in command.params for name in one.opts] + ["--help", "-h"]
            if word.split("=")[0] not in known:
                return f"{line}: {word}"
        elif isinstance(command, click.Group):
            for name in word.split("|"):
                if (found := command.get_command(context, name)) is None:
                    return f"{line}: {name}"
            command = found
    return ""


@pytest.mark.parametrize("page", GUIDES, ids=source.shown)
def test_every_command_can_be_typed(page):
    lines = [re.sub(r"^(?:\w+=\S+ )+", "", line) for line in _lines(page.read_text("utf-8"))]
    refused = [_refusal(line) for line in lines if line.startswith("yiwang ")]
    targets = re.findall(r"^([a-z-]+):", (source.REPOSITORY / "Makefile").read_text("utf-8"), re.M)
    made = [line.split() for line in lines if line.startswith("make ")]
    refused += [" ".join(words) for words in made if words[1] not in targets]
    assert not [line for line in refused if line]


@pytest.mark.parametrize("page", TUTORIALS, ids=source.shown)
def test_the_tutorial_tells_every_stage_in_order(page):
    told = re.findall(r"^### (\d+) (.+)$", page.read_text("utf-8"), re.M)
    assert told == [(str(number), stage.title) for number, stage in enumerate(STAGES, 1)]


@pytest.mark.parametrize("pages", [TUTORIALS, READMES], ids=["tutorial", "readme"])
def test_both_languages_name_the_same_addresses_commands_and_accounts(pages):
    english, chinese = (page.read_text("utf-8") for page in pages)
    for named in (_addresses, lambda text: re.findall(r"`([a-z]+)`", text)):
        assert sorted(set(named(english))) == sorted(set(named(chinese)))
    assert len(_lines(english)) == len(_lines(chinese))


@pytest.mark.parametrize("page", [*TUTORIALS, *READMES], ids=source.shown)
def test_every_account_that_is_named_is_made(page):
    named = set(re.findall(r"(?:[Aa]s|account|用|账户) `([a-z]+)`", page.read_text("utf-8")))
    assert not named - ACCOUNTS
    if page in READMES:
        assert not [name for name in ACCOUNTS if f"`{name}`" not in page.read_text("utf-8")]
