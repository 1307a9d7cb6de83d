"""What most commands are told: which place, and in which folder it lies."""

import os
from pathlib import Path
from typing import Any

import click

from yiwang.kernel.errors import NotAllowed, NotFound


class FolderMissing(NotFound):
    """There is no folder where the command looks for one."""

    code = "boot.folder_missing"


class FolderClosed(NotAllowed):
    """The account that runs the command may not read or write the folder."""

    code = "boot.folder_closed"


class Folder(click.Path):
    """A folder that is there, for this account to read and write; ``hint`` where it is not."""

    def __init__(self, *, hint: str) -> None:
        super().__init__(file_okay=False, path_type=Path)
        self.hint = hint

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder as a path."""
        path = Path(value)
        if not path.exists():
            raise FolderMissing(f"目录 {path} 不存在。", hint=self.hint)
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise FolderClosed(
                f"当前账户不能读写目录 {path}。",
                hint="以目录所属的账户运行（ls -ld 可看）：su yiwang -s /bin/bash",
            )
        return super().convert(value, param, ctx)


place_option = click.option(
    "--place", default="siyang", show_default=True, help="A place under packs/places."
)
data_option = click.option(
    "--data",
    "home",
    type=Folder(hint="核对 --data；新装先运行 yiwang install --data 目录。"),
    default=Path("var/siyang"),
    show_default=True,
    help="The place's data folder.",
)
