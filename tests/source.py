"""The repository as the house tests read it: files, syntax trees, exceptions."""

import ast
import subprocess
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "src/yiwang"
APPS = (
    "journal",
    "identity",
    "jobs",
    "casework",
    "catalog",
    "exchange",
    "subjects",
    "credentials",
    "forms",
    "services",
    "sensing",
    "boards",
)
"""From the bottom up; siblings in one layer never refer to each other."""
LAYERS = (
    {"journal"},
    {"identity"},
    {"jobs"},
    {"casework"},
    {"catalog"},
    {"exchange", "subjects", "credentials"},
    {"forms"},
    {"services", "sensing"},
    {"boards"},
)


def layer_of(app: str) -> int:
    """How high an app stands; an app outside the stack (Django's own) is below all."""
    return next((height for height, names in enumerate(LAYERS) if app in names), -1)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (REPOSITORY / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Our own modules (without migrations) by dotted name, parsed."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        dotted = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        found[dotted.removesuffix(".__init__")] = (path, ast.parse(path.read_text("utf-8")))
    return found


def shown(path: Path) -> str:
    """A path as it is written in lists and messages."""
    return path.relative_to(REPOSITORY).as_posix()


@cache
def exceptions() -> frozenset[str]:
    """The entries of tests/house/exceptions.txt."""
    lines = (REPOSITORY / "tests/house/exceptions.txt").read_text("utf-8").splitlines()
    entries = (line.split("#")[0].strip() for line in lines)
    return frozenset(entry for entry in entries if entry)
