"""Reading a pack: type-directed YAML, and every fault with its line and a remedy."""

from datetime import date
from pathlib import Path

import pytest

from yiwang.packkit import PackRefused, read_pack

FLOW = """title: 流程
start: a
limit: 5wd
steps:
  a: {title: 甲, role: p.r, limit: 1wd, moves: [{verb: close, to: done}]}
ends: {done: 完}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pack = tmp_path / "parking"
    (pack / "flows").mkdir(parents=True)
    (pack / "pack.yaml").write_text("title: 停车\nowner: data-bureau\nversion: 01\n")
    (pack / "flows" / "check.yaml").write_text(FLOW)
    return pack


def faults(folder: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(PackRefused) as refusal:
        read_pack(folder)
    return [(one.file.name, one.line, one.what, one.write) for one in refusal.value.findings]


def test_a_folder_becomes_structs_and_text_stays_as_written(folder: Path) -> None:
    pack = read_pack(folder)

    assert pack.id == "parking"
    assert pack.manifest.version == "01"
    assert pack.flows["check"].steps["a"].moves[0].to == "done"


def test_an_unknown_key_is_told_with_its_line_and_the_nearest_key(folder: Path) -> None:
    (folder / "flows" / "check.yaml").write_text(FLOW.replace("start:", "strat:"))

    assert faults(folder) == [
        ("check.yaml", 1, "缺少“start”", "补上 start: …"),
        ("check.yaml", 2, "不认识的键“strat”", "是不是“start”？"),
    ]


def test_a_wrong_choice_names_the_choices(folder: Path) -> None:
    (folder / "flows" / "check.yaml").write_text(FLOW.replace("verb: close", "verb: closed"))

    assert faults(folder) == [
        ("check.yaml", 5, "“verb”不能是“closed”", "是不是“close”？"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: &x [1]\nb: *x\n", 1, "不允许锚点 &x"),
        ("a: !!python/object:os.system x\n", 1, "不允许类型标签"),
        ("title: 一\ntitle: 二\n", 2, "键“title”重复，第 1 行已经写过"),
        ("title: [一\n", 2, "YAML 写法有误"),
        ("", 1, "文件是空的"),
        ("a: 1\n---\nb: 2\n", 2, "一个文件只放一份内容"),
        ("[" * 60 + "]" * 60, 1, "嵌套超过"),
        ("title: " + "长" * 400_000, 1, "超过 1000000"),
    ],
)
def test_yaml_that_bombs_or_confuses_is_refused(
    folder: Path, text: str, line: int, what: str
) -> None:
    (folder / "pack.yaml").write_text(text)

    [(file, at, told, _)] = faults(folder)
    assert (file, at) == ("pack.yaml", line)
    assert what in told


def test_an_alias_bomb_costs_nothing(folder: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    (folder / "pack.yaml").write_text(bomb)

    assert faults(folder)[0][2] == "不允许锚点 &a"


def test_files_that_no_kind_claims_are_told(folder: Path) -> None:
    (folder / "flow").mkdir()
    (folder / "flow" / "a.yaml").write_text(FLOW)
    (folder / "run.py").write_text("")

    told = {what for _, _, what, _ in faults(folder)}
    assert told == {"不认识的文件夹“flow”", "不认识的文件“run.py”"}


def test_a_symbolic_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(FLOW)
    (folder / "flows" / "leak.yaml").symlink_to(tmp_path / "secret.yaml")

    assert ("leak.yaml", 1, "不允许符号链接", "放入文件本身") in faults(folder)


def test_a_register_row_of_another_width_is_told_with_its_line(folder: Path) -> None:
    (folder / "registers").mkdir()
    (folder / "registers" / "sex.csv").write_text("code,title\n1,男,多\n")

    assert faults(folder) == [("sex.csv", 2, "有 3 列，表头有 2 列", "补齐或删去多余的列")]


def test_dates_and_unions_are_read_by_the_expected_type(folder: Path) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "tier.yaml").write_text(
        "title: 档\ntable: a.b\nparameters:\n"
        "  least: {title: 年龄, values: [{from: 2024-01-01, value: 80, basis: x}]}\n"
        "  pay: {title: 钱, type: decimal,"
        ' values: [{from: 2024-01-01, value: "50.00", basis: x}]}\n'
        "conditions: []\n"
    )

    parameters = read_pack(folder).rules["tier"].parameters
    assert parameters["least"].values[0].value == 80
    assert parameters["least"].values[0].from_ == date(2024, 1, 1)
    assert parameters["pay"].values[0].value == "50.00"
