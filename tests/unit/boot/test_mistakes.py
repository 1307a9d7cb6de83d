"""What an operator may get wrong, and the two lines that say what happened and what to do."""

import subprocess
import sys
from pathlib import Path

import demo_runs
import pytest
from cast import NINE
from click.testing import CliRunner
from django.db import DatabaseError, OperationalError, ProgrammingError

from yiwang.boot.backups.taking import NothingToKeep, take_backup
from yiwang.boot.cli import main
from yiwang.boot.database import database
from yiwang.boot.folder import note_store
from yiwang.boot.mishaps import in_words

NO_ADDRESS = "用 postgres://用户@主机/库名，或 sqlite:///文件路径，或留空。"
MISTAKES = [
    (
        "doctor --data HOME/nowhere", "",
        "目录 HOME/nowhere 不存在。", "核对 --data；新装先运行 yiwang install --data 目录。",
    ),
    (
        "restore HOME/nowhere --drill", "",
        "目录 HOME/nowhere 不存在。", "核对备份目录；还没有备份就先运行 yiwang backup 目录。",
    ),
    ("restore HOME --drill", "", "HOME 里没有完成的备份。", "先运行 yiwang backup。"),
    (
        "restore HOME --drill --data HOME/nowhere", "",
        "目录 HOME/nowhere 不存在。", "核对 --data：它是正在运行的数据目录，演练结果记在那里。",
    ),
    (
        "doctor --data HOME --place suqian", "",
        "数据目录 HOME 属于 siyang，不能用于 suqian。",
        "用 --data 另指定一个目录，或以 --place siyang 运行。",
    ),
    (
        "install --data HOME/new --place siyan", "",
        "没有叫“siyan”的地方。",
        "用 --place 指定其一：liangshan、luoyang、shuyang、siyang、suqian。",
    ),
    (
        "upgrade --data HOME", "mysql://root@127.0.0.1/yiwang",
        "YIWANG_DATABASE 的地址类型“mysql”不受支持。", NO_ADDRESS,
    ),
    (
        "upgrade --data HOME", "127.0.0.1/yiwang",
        "YIWANG_DATABASE 的地址类型“”不受支持。", NO_ADDRESS,
    ),
    (
        "upgrade --data HOME", "postgres://yiwang@127.0.0.1:port/yiwang",
        "YIWANG_DATABASE 的地址没有库名，或端口不是数字。", NO_ADDRESS,
    ),
    (
        "upgrade --data HOME", "postgres://yiwang@127.0.0.1:5432",
        "YIWANG_DATABASE 的地址没有库名，或端口不是数字。", NO_ADDRESS,
    ),
    (
        "doctor --data HOME", "postgres://yiwang@127.0.0.1:5432/yiwang",
        "数据目录 HOME 的业务库是 SQLite 文件，这次运行用的却是 PostgreSQL。",
        "去掉环境变量 YIWANG_DATABASE 再运行；要用 PostgreSQL，换一个空目录重新安装。",
    ),
    (
        "backup HOME/kept --data HOME", "",
        "备份目录 HOME/kept 在数据目录里面，没有备份。",
        "换一个数据目录之外的备份目录，最好在另一块盘上。",
    ),
    (
        "serve --data HOME --port 80123", "",
        "端口 80123 不能用：端口是 1 到 65535 之间的数。",
        "用 --port 换一个端口（如 --port 8080），或先结束占用它的程序。",
    ),
]  # fmt: skip


@pytest.fixture
def home(tmp_path, settings) -> Path:
    settings.HOME = tmp_path
    (tmp_path / "place").write_text("siyang")
    note_store(tmp_path, kind="sqlite")
    return tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize(("line", "address", "said", "hint"), MISTAKES)
def test_a_mistake_is_answered_in_two_lines(home, monkeypatch, line, address, said, hint):
    monkeypatch.setenv("YIWANG_DATABASE", address)
    words = line.replace("HOME", str(home)).split()

    told = CliRunner().invoke(main, words)

    assert told.exit_code == 1
    assert told.output == f"错误：{said}\n办法：{hint}\n".replace("HOME", str(home))


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (
            OperationalError("connection refused\n\tIs it running?"),
            "connection refused",
            "是否启动",
        ),
        (OperationalError("unable to open database file"), "unable to open", "yiwang.sqlite"),
        (DatabaseError("file is not a database"), "not a database", "从备份恢复"),
        (ProgrammingError('invalid connection option "sslmod"'), "sslmod", "YIWANG_DATABASE"),
        (PermissionError(13, "denied", "/var/lib/yiwang/keys"), "/var/lib/yiwang/keys", "chown"),
        (OSError(28, "No space left on device"), "磁盘已满", "腾出空间"),
    ],
)
def test_what_goes_wrong_around_a_command_is_told_in_words(error, said, hint):
    told = in_words(error)
    assert said in told.message and "\n" not in told.message
    assert hint in told.hint


@pytest.mark.parametrize("error", [KeyError("x"), ProgrammingError("syntax error at or near")])
def test_a_fault_of_the_program_stays_a_traceback(error):
    assert in_words(error) is None


@pytest.mark.parametrize(
    ("address", "said", "hint"),
    [
        ("postgres://yiwang@127.0.0.1:1/yiwang", "业务库不能用：", "检查数据库是否启动"),
        ("", "的业务库是空的，没有可用的内容。", "检查 YIWANG_DATABASE 是否指向原来的库"),
    ],
)
def test_a_server_or_a_store_that_is_gone_is_told_without_a_traceback(
    tmp_path, address, said, hint
):
    note_store(tmp_path, kind="postgres" if address else "sqlite")
    told = subprocess.run(
        [sys.executable, "-m", "yiwang.boot.cli", "serve", "--data", str(tmp_path)],
        env=demo_runs.surroundings(YIWANG_DATABASE=address),
        capture_output=True,
        text=True,
    )
    assert told.returncode == 1
    first, second = told.stderr.splitlines()
    assert first.startswith("错误：") and said in first
    assert second.startswith("办法：") and hint in second


def test_a_folder_without_a_store_is_not_backed_up_as_an_empty_one(tmp_path):
    store = database("", home=tmp_path / "empty")
    with pytest.raises(NothingToKeep, match="没有业务库"):
        take_backup(tmp_path / "empty", to=tmp_path / "kept", store=store, place="siyang", at=NINE)
    assert not (tmp_path / "kept").exists()
