"""One direction and one door: what import-linter cannot say."""

import ast

import grimp
import pytest
import source

PURE_DOORS = {"yiwang.apps.journal.verify"}
"""Doors without Django: an auditor verifies a log where no platform is installed."""


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("yiwang", cache_dir=None)


def test_an_app_is_entered_through_its_public_door_only(graph):
    around = [
        f"{importer} imports {imported}"
        for app in source.APPS
        for imported in {f"yiwang.apps.{app}", *graph.find_descendants(f"yiwang.apps.{app}")}
        for importer in graph.find_modules_that_directly_import(imported)
        if not importer.startswith(f"yiwang.apps.{app}")
        and imported not in {f"yiwang.apps.{app}.public", *PURE_DOORS}
    ]
    assert not around


def test_nothing_of_ours_is_imported_inside_a_function():
    hidden = []
    for dotted, (path, tree) in source.modules().items():
        if dotted.startswith("yiwang.boot"):
            continue  # Django must be set up before an app is imported
        functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.Lambda))
        for function in functions:
            hidden += [
                f"{source.shown(path)}:{node.lineno}"
                for node in ast.walk(function)
                if _imports_us(node)
            ]
    assert not hidden


def _imports_us(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(name.name.split(".")[0] == "yiwang" for name in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").split(".")[0] == "yiwang"
    return False


def test_a_door_hands_out_no_models():
    leaking = []
    for app in source.APPS:
        path, tree = source.modules()[f"yiwang.apps.{app}.public"]
        leaking += [
            f"{source.shown(path)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and "models" in (node.module or "").split(".")
        ]
    assert not leaking
