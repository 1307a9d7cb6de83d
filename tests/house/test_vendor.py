"""The front-end libraries in the repository are the published ones, unmodified."""

import tomllib
from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "src/yiwang/web/static/vendor"
LIBRARIES = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))


def test_every_vendored_file_has_the_hash_that_was_written_down():
    found = {
        library.name: {f.name: sha256(f.read_bytes()).hexdigest() for f in library.iterdir()}
        for library in VENDOR.iterdir()
        if library.is_dir()
    }

    assert found == {name: entry["sha256"] for name, entry in LIBRARIES.items()}


def test_every_vendored_library_names_its_version_and_licence():
    assert all(entry["version"] and entry["license"] for entry in LIBRARIES.values())


def test_the_vendored_libraries_keep_the_wheel_small():
    assert sum(f.stat().st_size for f in VENDOR.rglob("*.*")) < 3_000_000
