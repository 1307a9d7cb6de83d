"""What every check uses: tell a finding, follow a reference, read an expression or a limit."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from yiwang.kernel.errors import YiwangError
from yiwang.kernel.limits import Limit, LimitMistyped
from yiwang.packkit.converting import named_code_tables
from yiwang.packkit.findings import Finding
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.platform import PLATFORM
from yiwang.packkit.reading import Pack
from yiwang.packkit.shelf import Shelf
from yiwang.rules import Expression, ExpressionRefused, parse

KINDS = {
    "registers": "登记册",
    "feeds": "归集",
    "tables": "数据表",
    "entities": "主体",
    "purposes": "用途",
    "rules": "规则",
    "policies": "政策",
    "documents": "政策文件",
    "items": "事项",
    "bundles": "一件事",
    "guides": "导办",
    "forms": "表单",
    "reports": "报表",
    "flows": "流程",
    "incidents": "事件类型",
    "licenses": "证照类型",
    "roles": "角色",
    "streams": "数据流",
    "alerts": "预警",
    "drills": "演练",
    "indicators": "指标",
    "assessments": "考核评估",
    "vitals": "体征",
    "layers": "图层",
    "screens": "大屏",
}
DURATION = re.compile(r"P(?=.)(\d+[YMWD])*(T(?=.)(\d+[HMS])*)?\Z")


@dataclass
class Looking:
    """One pass over one pack; ``path`` and ``keys`` of every method say where, for the line."""

    pack: Pack
    shelf: Shelf
    findings: list[Finding] = field(default_factory=list)

    def tell(self, what: str, write: str, path: str, *keys: str | int) -> None:
        """Add a finding."""
        self.findings.append(self.pack.finding(what, write, path, *keys))

    def reach(self) -> set[str]:
        """The packs that this one may refer to."""
        return {self.pack.id, *self.pack.manifest.needs}

    def shown(self, folder: str, ref: str, path: str, *keys: str | int) -> None:
        """What a tree or screen shows is within reach, or of a pack used where the place has it."""
        pack, uses = ref.partition(".")[0], self.pack.manifest.uses
        if pack not in uses or pack in self.shelf.packs:
            self.ref((folder,), ref, path, *keys, also=uses)

    def ref(
        self,
        folders: Iterable[str],
        ref: str,
        path: str,
        *keys: str | int,
        also: Container[str] = (),
    ) -> Any:
        """The thing called ``ref`` in one of the folders, within reach; else None and a finding."""
        title = "或".join(KINDS[folder] for folder in folders)
        pack, dot, _ = ref.partition(".")
        if not dot:
            write = f"写成 {self.pack.id}.{ref}" if ref else "写成 包.编号"
            self.tell(f"“{ref}”没有写明属于哪个包", write, path, *keys)
            return None
        found: dict[str, Any] = {}
        for folder in folders:
            found.update(getattr(self.shelf, folder)())
        if ref not in found:
            near = get_close_matches(ref, found, n=1)
            write = f"是不是“{near[0]}”？" if near else f"先写这份{title}"
            self.tell(f"没有{title}“{ref}”", write, path, *keys)
            return None
        if pack not in self.reach() and pack not in also:
            self.tell(
                f"引用了包“{pack}”，却没有声明需要它",
                f"在 pack.yaml 的 needs 中加入 {pack}",
                path,
                *keys,
            )
        return found[ref]

    def table_columns(self, ref: str, path: str, *keys: str | int) -> Mapping[str, Type]:
        """The columns of a table, feed, register or platform table; empty with a finding."""
        if ref in PLATFORM:
            return self.shelf.derived.columns(ref)
        if self.ref(("tables", "feeds", "registers"), ref, path, *keys) is None:
            return {}
        return self.shelf.derived.columns(ref)

    def choice(
        self, name: str, among: Iterable[str], what: str, path: str, *keys: str | int
    ) -> bool:
        """Whether ``name`` is one of ``among``; else a finding with the nearest."""
        among = list(among)
        if name in among:
            return True
        near = get_close_matches(name, among, n=1)
        write = f"是不是“{near[0]}”？" if near else f"可用的有：{'、'.join(among[:12]) or '无'}"
        self.tell(f"没有{what}“{name}”", write, path, *keys)
        return False

    def organ(self, organ: str, path: str, *keys: str | int) -> None:
        """An organ is one of the place's."""
        self.choice(organ, self.shelf.place.organs, "机构", path, *keys)

    def basis(self, basis: str, path: str, *keys: str | int) -> None:
        """A basis is one of the pack's."""
        known = [one.id for one in self.pack.manifest.basis]
        if not basis:
            self.tell("没有写依据", f"basis 写 pack.yaml 中的一条：{'、'.join(known)}", path, *keys)
        else:
            self.choice(basis, known, "依据", path, *keys)

    def codes(self, ref: str, path: str, *keys: str | int) -> None:
        """A code table, when one is named, is a register."""
        if ref:
            self.ref(("registers",), ref, path, *keys)

    def limit(self, text: str, what: str, path: str, *keys: str | int) -> None:
        """A time limit is written and reads."""
        if not text:
            self.tell(f"{what}没有时限", "写成 5wd、3d、2h 或 15m", path, *keys)
            return
        try:
            Limit.parse(text)
        except LimitMistyped as error:
            self.tell(error.message.rstrip("。"), error.hint, path, *keys)

    def cycle(self, text: str, path: str, *keys: str | int) -> None:
        """A cycle is an ISO 8601 duration."""
        if not DURATION.match(text):
            self.tell(
                f"周期“{text}”写法不对",
                "写成 P1D（每天）、P1M（每月）、PT1M（每分钟）",
                path,
                *keys,
            )

    def expression(
        self,
        text: str,
        path: str,
        *keys: str | int,
        columns: Mapping[str, Type],
        parameters: Mapping[str, Type] | None = None,
        want: Type = "boolean",
    ) -> Expression | None:
        """The expression parsed and of the wanted type; else None and a finding."""
        try:
            found = parse(text, columns=columns, parameters=parameters or {})
        except ExpressionRefused as error:
            self.refused(error, path, *keys)
            return None
        if found.type != want and (want, found.type) != ("decimal", "integer"):
            self.tell(f"表达式“{text}”的结果不是{TYPES[want]}", "改成一个判断", path, *keys)
        for table in sorted(named_code_tables(text)):
            self.codes(table, path, *keys)
        return found

    def refused(self, error: YiwangError, path: str, *keys: str | int) -> None:
        """A refusal of a room below becomes a finding."""
        self.tell(error.message.rstrip("。"), error.hint.rstrip("。"), path, *keys)


TYPES: dict[Type, str] = {
    "text": "文字",
    "integer": "整数",
    "decimal": "小数",
    "boolean": "是或否",
    "date": "日期",
    "instant": "时刻",
    "json": "结构",
}
