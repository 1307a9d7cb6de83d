"""Every variable that is read from the environment stands in the page of settings, and no other."""

import ast
import re
from functools import cache

import source

PAGE = (source.REPOSITORY / "docs/reference/settings.md").read_text("utf-8")
CODE = [
    path
    for path in source.tracked()
    if path.suffix == ".py" and path.relative_to(source.REPOSITORY).parts[0] != "bench"
]
NAME = re.compile(r"(?:YIWANG|DJANGO)_[A-Z_]+[A-Z]")
OF_THE_TESTS = {"DJANGO_ALLOW_ASYNC_UNSAFE"}
"""Set by the tests for a library, read by nobody of ours."""


@cache
def _spelled_out() -> frozenset[str]:
    """Names of variables that stand as whole strings in the code."""
    texts = [path.read_text("utf-8") for path in CODE]
    return frozenset(
        node.value
        for text in texts
        if NAME.search(text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and NAME.fullmatch(node.value)
    )


def _kept_secrets():
    """``_kept_secret("name")`` of the settings reads YIWANG_NAME first."""
    settings = (source.REPOSITORY / "src/yiwang/boot/settings.py").read_text("utf-8")
    return {f"YIWANG_{name.upper()}" for name in re.findall(r'_kept_secret\("(\w+)"\)', settings)}


def test_every_variable_that_is_read_is_documented():
    read = {*_spelled_out(), *_kept_secrets()} - OF_THE_TESTS
    read -= {name for name in read if any(other.startswith(f"{name}_") for other in read)}
    assert read
    assert not sorted(name for name in read if f"| `{name}` |" not in PAGE)


def test_every_documented_variable_is_read():
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.M))
    assert documented
    assert not sorted(documented - {*_spelled_out(), *_kept_secrets()})


def test_every_default_of_the_settings_is_the_documented_one():
    settings = (source.REPOSITORY / "src/yiwang/boot/settings.py").read_text("utf-8")
    defaults = dict(re.findall(r'environ\.get\("(\w+)", "([^"]*)"\)', settings))
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^|`]*)`? ", PAGE, re.M))
    wrong = {
        name: value
        for name, value in defaults.items()
        if documented.get(name, "").strip() != (value or "(empty)")
    }
    assert not wrong
