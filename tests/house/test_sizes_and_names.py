"""Small parts, plain names, and a list of exceptions that may only get shorter."""

import ast
import re
from functools import cache

import source

MODULE, FUNCTION = 400, 40
MOST = 0
"""How many exceptions are left; never raised."""

FORBIDDEN = {"data", "info", "manager", "handler", "helper", "util", "common", "core", "base"}
CLASS_ENDS = ("Manager", "Handler", "Helper", "Util", "Utils", "Info", "Data")
DJANGO_DEMANDS = {
    "process_request",
    "process_view",
    "process_exception",
    "process_response",
    "process_template_response",
}
DJANGO_FINDS_BY_NAME = {"src/yiwang/boot/sqlite/base.py"}


@cache
def _broken() -> set[str]:
    found = _broken_folders()
    for path, tree in source.modules().values():
        where = source.shown(path)
        if len(path.read_text("utf-8").splitlines()) > MODULE:
            found.add(f"size {where}")
        stem = path.parent.name if path.stem == "__init__" else path.stem
        is_plain = stem not in FORBIDDEN and stem.removesuffix("s") not in FORBIDDEN
        if not is_plain and where not in DJANGO_FINDS_BY_NAME:
            found.add(f"name {where}")
        for node in ast.walk(tree):
            found |= {f"{rule} {where}::{name}" for rule, name in _broken_by(node)}
    return found


def _broken_folders() -> set[str]:
    folders = {folder for path in source.tracked() for folder in path.parents}
    ours = {f for f in folders if source.REPOSITORY in f.parents and "vendor" not in f.parts}
    return {
        f"name {source.shown(folder)}"
        for folder in ours - {source.REPOSITORY / "packs/base"}  # the pack of the base registers
        if folder.name in FORBIDDEN or folder.name.removesuffix("s") in FORBIDDEN
    }


def _broken_by(node: ast.AST) -> set[tuple[str, str]]:
    broken = set()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION:
            broken.add(("size", node.name))
        plain = node.name.lstrip("_")
        if plain.startswith(("do_", "process_")) and plain not in DJANGO_DEMANDS:
            broken.add(("name", node.name))
    if isinstance(node, ast.ClassDef) and node.name.endswith(CLASS_ENDS):
        broken.add(("name", node.name))
    return broken


def test_no_part_is_too_large_or_badly_named():
    assert not sorted(_broken() - source.exceptions())


def test_an_exception_that_is_no_longer_needed_is_removed():
    assert not sorted(source.exceptions() - _broken())


def test_the_list_of_exceptions_only_gets_shorter():
    assert len(source.exceptions()) == MOST


def test_every_module_says_in_its_docstring_where_its_room_ends():
    silent = [
        source.shown(path)
        for path, tree in source.modules().values()
        if not ast.get_docstring(tree) and tree.body
    ]
    assert not silent


def test_identifiers_are_english():
    chinese = re.compile(r"[^\x00-\x7f]")
    found = {
        f"{source.shown(path)}:{node.lineno}"
        for path, tree in source.modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and chinese.search(node.id)
    }
    assert not found
