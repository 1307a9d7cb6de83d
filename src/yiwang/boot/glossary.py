"""The glossary: one checked table between Chinese words and English code."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

REPOSITORY = Path(__file__).parents[3]
PACKAGE = Path(__file__).parents[1]
FILE = REPOSITORY / "glossary.yaml"


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One word of the domain. ``code`` is the name it bears in the source."""

    zh: str
    en: str
    code: str
    meaning: str
    source: str
    rejected: list[str] = []
    synonyms: list[str] = []


def read_glossary(path: Path = FILE) -> list[Term]:
    """All terms, in the order of the file."""
    return msgspec.yaml.decode(path.read_bytes(), type=list[Term])


def terms_of(word: str, terms: list[Term]) -> list[Term]:
    """The terms with this Chinese word, synonym, English or code; else those containing it."""
    folded = word.casefold()

    def names(term: Term) -> list[str]:
        return [name.casefold() for name in (term.zh, term.en, term.code, *term.synonyms)]

    exact = [term for term in terms if folded in names(term)]
    return exact or [term for term in terms if any(folded in name for name in names(term))]


def places_of(code: str, folder: Path = PACKAGE) -> Iterator[str]:
    """Where the source defines ``code``: classes, functions, constants, modules, as file:line."""
    name = re.escape(code)
    pattern = re.compile(rf"^ *(?:(?:class|(?:async )?def) {name}\b|{name}(?:: [^=\n]+)? = )")
    for path in sorted(folder.rglob("*.py")):
        shown = path.relative_to(folder.parent).as_posix()
        if code in {path.stem, path.parent.name if path.stem == "__init__" else ""}:
            yield f"{shown}:1"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.match(line):
                yield f"{shown}:{number}"
