"""Message catalogues: what is marked for translation, the .po that people edit, the .mo that runs.

Chinese is the source; a catalogue may be partial, what it lacks stays Chinese. The compiled file
is kept in the repository, so that neither set-up nor the wheel needs gettext's programs.
"""

import ast
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import Environment

YIWANG = Path(__file__).parents[1]
LOCALE = Path(__file__).parent / "locale"
ROOMS = ("web", "faces")
MARKS = {"_", "gettext", "gettext_lazy"}
HEADER = "Content-Type: text/plain; charset=UTF-8\nLanguage: {language}\n"
_ENTRY = re.compile(
    r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)msgstr ((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE
)
_PART = re.compile(r'"((?:[^"\\]|\\.)*)"')


def marked(room: str) -> dict[str, str]:
    """Every marked text of a room (``web`` or ``faces``) with the file where it first stands."""
    found: dict[str, str] = {}
    for path in sorted((YIWANG / room).rglob("*")):
        texts: Iterator[str] = iter(())
        if path.suffix == ".html":
            texts = _of_template(path.read_text(encoding="utf-8"))
        elif path.suffix == ".py":
            texts = _of_module(path.read_text(encoding="utf-8"))
        for text in texts:
            found.setdefault(text, path.relative_to(YIWANG).as_posix())
    return found


def _of_template(source: str) -> Iterator[str]:
    env = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 - parsed, never rendered
    for _line, _function, message in env.extract_translations(source):  # type: ignore[attr-defined]
        text = message if isinstance(message, str) else message[0]  # with values: (text, None…)
        if text:
            yield text


def _of_module(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if node.func.id in MARKS and is_text:
                yield str(first.value)  # type: ignore[attr-defined]


def read_po(path: Path) -> dict[str, str]:
    """Texts with their translations; an untranslated one has an empty translation."""
    if not path.exists():
        return {}
    pairs = _ENTRY.findall(path.read_text(encoding="utf-8"))
    texts = {_joined(source): _joined(target) for source, target in pairs}
    return {source: target for source, target in texts.items() if source}


def write_po(path: Path, texts: Mapping[str, str], places: Mapping[str, str]) -> None:
    """Write the catalogue, each text under the file where it stands."""
    language = path.parents[1].name
    lines = ['msgid ""', 'msgstr ""']
    lines += [_quoted(f"{line}\n") for line in HEADER.format(language=language).splitlines()]
    for source in sorted(texts, key=lambda text: (places[text], text)):
        lines += ["", f"#: {places[source]}"]
        lines += [f"msgid {_quoted(source)}", f"msgstr {_quoted(texts[source])}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def compiled(texts: Mapping[str, str], language: str) -> bytes:
    """The .mo of a catalogue (gettext's format, without a hash table)."""
    done = {source: target for source, target in texts.items() if target}
    entries = sorted(
        (source.encode(), target.encode())
        for source, target in ({"": HEADER.format(language=language)} | done).items()
    )
    sources = b"".join(source + b"\0" for source, _ in entries)
    targets = b"".join(target + b"\0" for _, target in entries)
    tables = 28
    start = tables + 16 * len(entries)
    head = struct.pack(
        "<7I", 0x950412DE, 0, len(entries), tables, tables + 8 * len(entries), 0, start
    )
    first = _offsets([source for source, _ in entries], start)
    second = _offsets([target for _, target in entries], start + len(sources))
    return head + first + second + sources + targets


def _offsets(texts: list[bytes], start: int) -> bytes:
    table = b""
    for text in texts:
        table += struct.pack("<2I", len(text), start)
        start += len(text) + 1
    return table


def renew(language: str, *, whole: bool = False) -> tuple[int, int]:
    """Bring a catalogue up to date and compile it: (texts, translated).

    Untranslated texts of the faces are written only into a ``whole`` catalogue.
    """
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    places = {text: place for room in reversed(ROOMS) for text, place in marked(room).items()}
    known, frame = read_po(path), marked("web")
    texts = {
        text: known.get(text, "") for text in places if whole or text in frame or known.get(text)
    }
    write_po(path, texts, places)
    path.with_suffix(".mo").write_bytes(compiled(texts, language))
    return len(texts), sum(bool(target) for target in texts.values())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _joined(quoted: str) -> str:
    text = "".join(_PART.findall(quoted))
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text)
