"""`make bench`: every module of this folder measures its bars and prints them."""

import importlib
import platform
import sys
from pathlib import Path


def main() -> None:
    """Run the modules named on the command line, or all."""
    folder = Path(__file__).parent
    names = sys.argv[1:] or sorted(
        path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")
    )
    print(f"{platform.machine()}, Python {platform.python_version()}, {platform.platform()}")
    for name in names:
        print(f"\n{name}")
        for line in importlib.import_module(f"bench.{name}").run():
            print(f"  {line}")


if __name__ == "__main__":
    main()
