"""What goes wrong around a command, in words: a full disk, a silent store, a closed file."""

from yiwang.boot.database import silent
from yiwang.boot.folder import is_full
from yiwang.kernel.errors import NotAllowed, Unavailable, YiwangError

DISK_FULL = Unavailable(
    "磁盘已满或文件大小受限，写不下去了；已完成的部分都在。",
    hint="腾出空间（或放宽 ulimit -f）后重新运行，会从停下的地方接着做。",
)


class FileClosed(NotAllowed):
    """The account that runs the command may not read or write a file."""

    code = "boot.file_closed"


def in_words(error: BaseException) -> YiwangError | None:
    """What a person can do about ``error``; None where it is a fault of the program."""
    if is_full(error):
        return DISK_FULL
    if isinstance(error, YiwangError):
        return error
    if isinstance(error, PermissionError):
        return FileClosed(
            f"当前账户不能读写 {error.filename}。",
            hint="以数据目录所属的账户运行；曾以 root 运行过的，先 chown -R 把目录改回那个账户。",
        )
    return silent(error) if _is_of_a_driver(error) else None


def _is_of_a_driver(error: BaseException) -> bool:
    """By names: every driver has classes of its own, and most commands load none."""
    kinds = {one.__name__ for one in type(error).__mro__}
    return (
        "OperationalError" in kinds
        or type(error).__name__ == "DatabaseError"
        or "invalid connection option" in str(error)
    )
