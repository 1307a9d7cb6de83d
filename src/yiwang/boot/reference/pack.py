"""docs/reference/pack/: the JSON Schema of every kind, and one page that lists kinds and keys."""

import inspect
import json
from collections.abc import Iterator

import click
import msgspec

from yiwang.packkit import schemas
from yiwang.packkit.kinds.folders import FOLDERS, MANIFEST, PLACE
from yiwang.packkit.kinds.shared import Kind
from yiwang.packkit.platform import PLATFORM

FOLDER = "docs/reference/pack"
HEAD = """# The pack language

Printed by `yiwang docs` from `src/yiwang/packkit/kinds`. A pack is a folder: folder = kind,
file = thing, file name = its id. Beside the kinds below it may hold `sql/<table>.sql`,
`registers/<id>.csv`, `sample/<feed or table>.csv` and `README.md`. How to write one:
[write-a-pack](../../how-to/write-a-pack.md).

Editors complete packs from the schema of a kind: put
`# yaml-language-server: $schema=…/docs/reference/pack/<kind>.schema.json` on the first line.
"""
PLATFORM_HEAD = """
## The platform's own tables

Indicators and tables may read what the platform itself records. Number in brackets: grade.

| table | columns |
|---|---|
"""


def pages(_yiwang: click.Group) -> dict[str, str]:
    """One schema per kind and the list of kinds."""
    printed = {
        f"{FOLDER}/{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for name, schema in schemas().items()
    }
    return {f"{FOLDER}/README.md": "".join(_page()), **printed}


def _page() -> Iterator[str]:
    yield HEAD
    yield from _section("pack.yaml", "pack", MANIFEST)
    yield from _section("places/<place>/place.yaml", "place", PLACE)
    for name, kind in FOLDERS.items():
        yield from _section(f"{name}/", name, kind)
    yield PLATFORM_HEAD
    for table, columns in PLATFORM.items():
        named = ", ".join(f"{name} ({grade})" for name, (_, grade) in columns.items())
        yield f"| `{table}` | {named} |\n"


def _section(path: str, name: str, kind: type[Kind]) -> Iterator[str]:
    meaning = inspect.cleandoc(kind.__doc__ or "")
    yield f"\n## `{path}`\n\n{meaning} Schema: [{name}.schema.json]({name}.schema.json)\n\n"
    yield "| key | needed |\n|---|---|\n"
    for field in msgspec.structs.fields(kind):
        yield f"| `{field.encode_name}` | {'yes' if field.required else ''} |\n"
