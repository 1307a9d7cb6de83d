"""A place: its packs, organs, posts, values and entries fit what the packs say."""

from difflib import get_close_matches
from pathlib import Path

from yiwang.packkit.checks.feeds import wrong_cells
from yiwang.packkit.findings import Finding
from yiwang.packkit.kinds.work import Rules
from yiwang.packkit.shelf import DIVISIONS, Shelf


def check_place(shelf: Shelf, file: Path) -> list[Finding]:
    """Everything wrong with ``place.yaml`` and the place's entries among its packs."""
    return [
        *_packs(shelf, file),
        *_organs(shelf, file),
        *_values(shelf, file),
        *_entries(shelf, file),
    ]


def _packs(shelf: Shelf, file: Path) -> list[Finding]:
    folder = file.parents[2]
    missing = [name for name in shelf.place.packs if not (folder / name / "pack.yaml").exists()]
    return [Finding(file, 1, f"没有场景包“{name}”", "从 packs 中删去或补上") for name in missing]


def _organs(shelf: Shelf, file: Path) -> list[Finding]:
    found = []
    codes = shelf.codes(DIVISIONS) if DIVISIONS in shelf.registers() else frozenset()
    for name, organ in shelf.place.organs.items():
        line = _line(file, f"  {name}:")
        if codes and organ.division not in codes:
            what = f"机构“{name}”的区划“{organ.division}”不在登记册"
            found.append(Finding(file, line, what, "核对代码"))
        for post, roles in organ.roles.items():
            for role in roles:
                if role not in shelf.roles():
                    near = get_close_matches(role, shelf.roles(), n=1)
                    what = f"机构“{name}”的岗位“{post}”用了没有的角色“{role}”"
                    found.append(Finding(file, line, what, f"是不是“{near[0]}”？" if near else ""))
    return found


def _values(shelf: Shelf, file: Path) -> list[Finding]:
    found = []
    for key in shelf.place.parameters:
        ref, _, name = key.rpartition(".")
        thing: Rules | None = shelf.rules().get(ref)
        known = thing.parameters if thing else {}
        if not thing and ref in shelf.alerts():
            known = shelf.alerts()[ref].parameters
        if name not in known:
            what = f"没有参数“{key}”"
            found.append(Finding(file, _line(file, key), what, "写成 包.规则.参数"))
    for key in shelf.place.targets:
        if key not in shelf.indicators():
            found.append(Finding(file, _line(file, key), f"没有指标“{key}”", "写成 包.指标"))
    return found


def _entries(shelf: Shelf, file: Path) -> list[Finding]:
    found = []
    for ref, rows in shelf.place_entries.items():
        path = file.parent / "registers" / f"{ref}.csv"
        register = shelf.registers().get(ref)
        if register is None:
            found.append(Finding(path, 1, f"没有登记册“{ref}”", "文件名写成 包.登记册.csv"))
            continue
        for column in rows[0] if rows else {}:
            if column not in register.columns:
                found.append(Finding(path, 1, f"登记册“{ref}”没有列“{column}”", "删去或改名"))
        pack, _, name = ref.partition(".")
        own = {row[register.key] for row in shelf.packs[pack].entries.get(name, ())}
        for number, row in enumerate(rows, 2):
            key = row.get(register.key, "")
            if not key or key in own:
                found.append(Finding(path, number, f"编号“{key}”为空或重复", "每行一个编号"))
            own.add(key)
            found += [Finding(path, number, *one) for one in wrong_cells(register, row, number)]
    return found


def _line(file: Path, start: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((n for n, line in enumerate(lines, 1) if start in line), 1)
