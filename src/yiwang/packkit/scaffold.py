"""The first files of a new pack: small, whole, and good enough to pass its own check."""

from pathlib import Path

from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.reading import IDENTIFIER


class PackNameRefused(Invalid):
    """The name cannot be the id of a pack."""

    code = "packkit.pack_name_refused"


class PackExists(Conflict):
    """A folder of this name is already there."""

    code = "packkit.pack_exists"


MANIFEST = """title: {title}
owner: {owner}
description: 这个包解决什么问题，写一两句。
version: "1"
needs: [base]
basis:
  - id: local_rules
    title: 依据的文件名称（示例）
    example: true
"""

README = """# {title} {name}

写清：给谁用、数据从哪来、结果去哪里。

- `tables/` + `sql/`：算出的数据表。
- `indicators/`：指标。
- `tests/`：给定几行、期望几行。

检查：`yiwang pack check {name}`；测试：`yiwang pack test {name}`。
"""

TABLE = """title: 各村在世人数
owner: {owner}
grain: 每村一行
key: [division]
description: 示例表：把它换成你要的。只含人数，不足三人的村不列。
columns:
  division: {{title: 村（社区）, codes: base.divisions}}
  people: {{title: 在世人数, type: integer}}
"""

SQL = """SELECT
  division AS division,
  COUNT(*) AS people
FROM base.resident
WHERE is_alive
GROUP BY division
HAVING COUNT(*) >= 3
"""

INDICATOR = """title: 列出的村数
owner: {owner}
unit: count
numerator: |
  SELECT division, people
  FROM {name}.people_by_village
basis: local_rules
"""

TEST = """title: 三人以上的村才列出
as_of: 2026-01-01
given:
  base.resident:
    - {{id_number: A, division: v1, is_alive: true}}
    - {{id_number: B, division: v1, is_alive: true}}
    - {{id_number: C, division: v1, is_alive: true}}
    - {{id_number: D, division: v1, is_alive: false}}
    - {{id_number: E, division: v2, is_alive: true}}
expect:
  {name}.people_by_village:
    - {{division: v1, people: 3}}
"""

FILES = {
    "pack.yaml": MANIFEST,
    "README.md": README,
    "tables/people_by_village.yaml": TABLE,
    "sql/people_by_village.sql": SQL,
    "indicators/villages.yaml": INDICATOR,
    "tests/people_by_village.yaml": TEST,
}


def new_pack(packs_folder: Path, name: str, *, title: str, owner: str) -> list[Path]:
    """Write a new pack beside the others; nothing outside its folder is touched."""
    if not IDENTIFIER.match(name) or name == "places":
        raise PackNameRefused(
            f"“{name}”不能作场景包的名字。",
            hint="用小写英文、数字和下划线，字母开头，如 parking_fee。",
            name=name,
        )
    folder = packs_folder / name
    if folder.exists():
        raise PackExists(f"{folder} 已经存在。", hint="换一个名字，或直接修改它。", name=name)
    written = []
    for path, text in FILES.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(name=name, title=title or name, owner=owner), "utf-8")
        written.append(file)
    return written
