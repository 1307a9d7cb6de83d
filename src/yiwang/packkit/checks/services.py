"""Items, forms, licences: what is asked, where it comes from, what is given out."""

import re

from yiwang.packkit.checks import work
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.kinds.work import Field, Form, Item, License

LICENSE_KINDS, STAGES = "base.license_kind", "base.life_stage"
PREFIX = re.compile(r"[A-Z]{1,6}\Z")


def look(looking: Looking) -> None:
    """items/, forms/ and licenses/."""
    for name, form in looking.pack.forms.items():
        _form(looking, f"forms/{name}.yaml", form)
    for name, item in looking.pack.items.items():
        _item(looking, f"items/{name}.yaml", item)
    for name, kind in looking.pack.licenses.items():
        _license(looking, f"licenses/{name}.yaml", kind)


def _form(looking: Looking, path: str, form: Form) -> None:
    types: dict[str, Type] = {name: one.type for name, one in form.fields.items()}
    for name, part in form.parts.items():
        if part.when:
            looking.expression(part.when, path, "parts", name, "when", columns=types)
    for name, one in form.fields.items():
        field(looking, path, name, one, types)
        if one.part:
            looking.choice(one.part, form.parts, "表单部分", path, "fields", name, "part")
        if one.prefill:
            _prefill(looking, path, name, one)


def field(
    looking: Looking,
    path: str,
    name: str,
    one: Field,
    types: dict[str, Type],
    *,
    key: str = "fields",
) -> None:
    """One field or question: its choices and its expressions."""
    at = (path, key, name)
    looking.codes(one.codes, *at, "codes")
    if one.codes and one.options:
        looking.tell(f"“{name}”既有代码表又有选项", "codes 和 options 只写一个", *at, "options")
    if one.when:
        looking.expression(one.when, *at, "when", columns=types)
    if one.check:
        looking.expression(one.check, *at, "check", columns=types)


def _prefill(looking: Looking, path: str, name: str, one: Field) -> None:
    at = (path, "fields", name, "prefill")
    table, _, column = one.prefill.rpartition(".")
    columns = looking.table_columns(table, *at)
    if columns and looking.choice(column, columns, "列", *at) and columns[column] != one.type:
        looking.tell(
            f"“{one.prefill}”是 {columns[column]}，字段“{name}”是 {one.type}",
            f"写 type: {columns[column]}",
            *at,
        )


def _item(looking: Looking, path: str, item: Item) -> None:
    looking.organ(item.organ, path, "organ")
    looking.basis(item.basis, path, "basis")
    form = looking.ref(("forms",), item.form, path, "form")
    types: dict[str, Type] = {n: one.type for n, one in form.fields.items()} if form else {}
    flow = looking.ref(("flows",), item.flow, path, "flow")
    if flow is not None:
        work.parties(looking, flow, item.parties, path)
    looking.limit(item.legal_limit, "法定办结", path, "legal_limit")
    looking.limit(item.promised_limit, "承诺办结", path, "promised_limit")
    if item.license:
        looking.ref(("licenses",), item.license, path, "license")
    stage(looking, item.stage, path)
    for name, material in item.materials.items():
        at = (path, "materials", name)
        if material.when and form:
            looking.expression(material.when, *at, "when", columns=types)
        if "license" in material.sources and not material.license:
            looking.tell(f"材料“{name}”来自证照，没有写哪种", "写 license: …", *at)
        if "shared" in material.sources and not material.table:
            looking.tell(f"材料“{name}”来自共享，没有写哪张表", "写 table: 包.表", *at)
        if material.table:
            looking.table_columns(material.table, *at, "table")
        if "." in material.license:
            looking.ref(("licenses",), material.license, *at, "license")
        elif material.license and LICENSE_KINDS in looking.shelf.registers():
            kinds = looking.shelf.codes(LICENSE_KINDS)
            looking.choice(material.license, sorted(kinds), "证照类型", *at, "license")


def stage(looking: Looking, code: str, path: str) -> None:
    """A stage of life is a code of its table, where the place has one."""
    if code and STAGES in looking.shelf.registers():
        looking.choice(code, sorted(looking.shelf.codes(STAGES)), "人生或经营阶段", path, "stage")


def _license(looking: Looking, path: str, kind: License) -> None:
    looking.organ(kind.organ, path, "organ")
    looking.basis(kind.basis, path, "basis")
    if kind.valid:
        looking.limit(kind.valid, "证照", path, "valid")
    if not PREFIX.match(kind.number_prefix):
        looking.tell("编号前缀要是一至六个大写字母", "如 GL", path, "number_prefix")
    types: dict[str, Type] = {name: one.type for name, one in kind.fields.items()}
    for name, one in kind.fields.items():
        field(looking, path, name, one, types)
    for number, name in enumerate(kind.shown):
        looking.choice(name, kind.fields, "字段", path, "shown", number)
