"""What holds the house up stays switched on: types, warnings, sockets, hashes."""

import re
import tomllib

import source

PROJECT = tomllib.loads((source.REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]
STRICT = {"yiwang.kernel.*", "yiwang.rules.*", "yiwang.lake.*", "yiwang.packkit.*"}


def test_types_are_strict_below_apps_and_at_every_door():
    strict = next(
        one for one in PROJECT["mypy"]["overrides"] if one.get("disallow_untyped_defs") is True
    )

    assert set(strict["module"]) == STRICT | {"yiwang.apps.*.public"}
    assert strict["disallow_any_generics"] and strict["strict_equality"]
    excused = {
        m for o in PROJECT["mypy"]["overrides"] if o.get("ignore_errors") for m in o["module"]
    }
    assert excused == {"yiwang.apps.*.migrations.*"}


def test_a_warning_is_an_error_and_no_test_leaves_the_machine():
    options = PROJECT["pytest"]["ini_options"]

    assert options["filterwarnings"] == ["error"]
    assert "--allow-hosts=127.0.0.1,::1,localhost" in options["addopts"]


def test_every_locked_package_has_its_hashes_and_no_address():
    lock = (source.REPOSITORY / "requirements.lock").read_text("utf-8")
    packages = re.split(r"\n(?=\S)", lock.strip())

    assert [one.splitlines()[0] for one in packages if "--hash=sha256:" not in one] == []
    assert "://" not in lock
    assert "--index-url" not in lock


def test_the_contracts_on_imports_leave_no_room_out():
    contracts = {one["name"]: one for one in PROJECT["importlinter"]["contracts"]}
    layers = [one for one in contracts.values() if one["type"] == "layers"]

    assert all(one["exhaustive"] for one in layers)
    below = next(one for name, one in contracts.items() if name.startswith("Query engines"))
    rooms = {path.name for path in source.PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert {module.removeprefix("yiwang.") for module in below["source_modules"]} == rooms - {
        "lake"
    }


ENGINES = re.compile(r"^\s*(?:import|from) (duckdb|pyiceberg|pyarrow|connectorx)\b", re.M)


def test_the_lake_opens_an_engine_only_in_its_backends():
    """import-linter sees other rooms; inside the lake only ``backends`` may."""
    lake = source.PACKAGE / "lake"
    loose = [
        f"{source.shown(path)}: {found[1]}"
        for path in lake.rglob("*.py")
        if "backends" not in path.parts
        for found in ENGINES.finditer(path.read_text("utf-8"))
    ]
    assert not loose
