"""The manifest: owner, needs without a ring, rows of the inventory, legal bases."""

import re

from yiwang.packkit.checks.looking import Looking

PATH = "pack.yaml"
ROW = re.compile(r"[A-Z]-\d{2,3}\Z")
PAGE = re.compile(r"(portal|oversight|office|steward|api):[a-z_]+\Z")


def look_at_manifest(looking: Looking) -> None:
    """pack.yaml and the names of the folders' files."""
    manifest = looking.pack.manifest
    looking.organ(manifest.owner, PATH, "owner")
    for number, need in enumerate(manifest.needs):
        if need == looking.pack.id:
            looking.tell("包不能需要自己", "从 needs 中删去", PATH, "needs", number)
        else:
            looking.choice(need, looking.shelf.packs, "场景包", PATH, "needs", number)
    if ring := _ring(looking):
        looking.tell(f"包互相需要成环：{' → '.join(ring)}", "去掉其中一处 needs", PATH, "needs")
    for row, page in manifest.serves.items():
        if not ROW.match(row):
            looking.tell(f"“{row}”不是清单的行号", "写成 D-01", PATH, "serves", row)
        if not PAGE.match(page):
            looking.tell(f"“{page}”不是页面的名称", "写成 steward:lists", PATH, "serves", row)
    seen: set[str] = set()
    for number, basis in enumerate(manifest.basis):
        if basis.id in seen:
            looking.tell(f"依据“{basis.id}”重复", "换一个 id", PATH, "basis", number, "id")
        seen.add(basis.id)
        if not (basis.source or basis.number or basis.example):
            looking.tell(
                f"依据“{basis.title}”没有出处",
                "写 source 或 number；不来自法规文件的写 example: true",
                PATH,
                "basis",
                number,
            )


def _ring(looking: Looking) -> list[str]:
    packs, start = looking.shelf.packs, looking.pack.id
    waiting, seen = [[start]], {start}
    while waiting:
        way = waiting.pop()
        for need in packs[way[-1]].manifest.needs if way[-1] in packs else ():
            if need == start and len(way) > 1:
                return [*way, start]
            if need not in seen:
                seen.add(need)
                waiting.append([*way, need])
    return []
