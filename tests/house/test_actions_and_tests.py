"""How a use case is called, and how a test is written."""

import ast
import inspect
from importlib import import_module

import pytest
import source

KINDS_OF_VALUE = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)


def _actions(app):
    door = import_module(f"yiwang.apps.{app}.public")
    for name, thing in vars(door).items():
        module = getattr(thing, "__module__", "") or ""
        if inspect.isfunction(thing) and module.startswith(f"yiwang.apps.{app}.actions"):
            yield name, inspect.signature(thing)


@pytest.mark.parametrize("app", source.APPS)
def test_an_action_takes_its_arguments_by_name(app):
    """All but an obvious first one, so that a call reads as a sentence."""
    loose = [
        name
        for name, signature in _actions(app)
        if sum(p.kind in KINDS_OF_VALUE for p in signature.parameters.values()) > 1
    ]
    assert not loose


def _tests():
    for path in source.tracked():
        if path.name.startswith("test_") and path.suffix == ".py":
            yield path, ast.parse(path.read_text("utf-8"))


def test_the_name_of_a_test_is_a_sentence():
    terse = [
        f"{source.shown(path)}::{node.name}"
        for path, tree in _tests()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and node.name.count("_") < 3
    ]
    assert not terse


def test_no_test_stands_in_for_our_own_code():
    """monkeypatch may change a constant or the world outside, mock objects are not used."""
    mocking = [
        f"{source.shown(path)}:{node.lineno}"
        for path, tree in _tests()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "mock" in f"{getattr(node, 'module', '')} {[alias.name for alias in node.names]}"
    ]
    assert not mocking
