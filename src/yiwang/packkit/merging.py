"""The forms and materials of a one-thing's items as one form and one list of materials: pure.

A field or material of the same name means the same and is asked once; two that differ in what
they mean are a finding of the pack check. What belongs only to members that are not wanted is not
asked: the conditions of member, part and field are joined into one in the expression language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from yiwang.packkit.kinds.bundles import Bundle
from yiwang.packkit.kinds.work import Field, Form, Item, Material, Part

SHARED = "shared"
"""The part of fields that several members ask for."""


@dataclass(frozen=True)
class Merged:
    """One form and one list of materials, and which members each thing is for."""

    form: Form
    materials: dict[str, Material]
    fields_of: dict[str, tuple[str, ...]]
    """Member to the names of its own fields."""
    conflicts: tuple[tuple[str, str, str], ...]
    """Name, and the two members in which it does not mean the same."""


def merged(bundle: Bundle, items: Mapping[str, Item], forms: Mapping[str, Form]) -> Merged:
    """The one form of a bundle; ``items`` and ``forms`` hold those of its members, by reference."""
    fields: dict[str, Field] = dict(bundle.questions)
    materials: dict[str, Material] = {}
    owners: dict[str, list[str]] = {}
    conflicts = []
    for member, one in bundle.members.items():
        item = items[one.item]
        form = forms[item.form]
        for name, field in form.fields.items():
            whole = field_when(form, field)
            alone = msgspec.structs.replace(field, when=_all(one.when, whole), part=member)
            if name in fields and _meaning(fields[name]) != _meaning(alone):
                conflicts.append((name, owners.get(name, [""])[0], member))
                continue
            fields[name] = _joined(fields[name], alone) if name in fields else alone
            owners.setdefault(name, []).append(member)
        for name, material in item.materials.items():
            alone_too = msgspec.structs.replace(material, when=_all(one.when, material.when))
            if name in materials and _source(materials[name]) != _source(material):
                conflicts.append((name, "", member))
                continue
            materials[name] = _material(materials.get(name), alone_too)
    return Merged(
        form=_form(bundle, items, fields, owners),
        materials=materials,
        fields_of={
            member: tuple(forms[items[one.item].form].fields)
            for member, one in bundle.members.items()
        },
        conflicts=tuple(conflicts),
    )


def field_when(form: Form, field: Field) -> str:
    """When a field is asked: its part is, and it is itself."""
    part = form.parts.get(field.part)
    return _all(part.when if part else "", field.when)


def _form(
    bundle: Bundle,
    items: Mapping[str, Item],
    fields: Mapping[str, Field],
    owners: Mapping[str, list[str]],
) -> Form:
    """The merged form in parts: what several members ask first, then each member's own."""
    placed = {
        name: msgspec.structs.replace(
            one, part=SHARED if name in bundle.questions or len(owners[name]) > 1 else one.part
        )
        for name, one in fields.items()
    }
    parts = {SHARED: Part(title="共同信息")} | {
        member: Part(title=items[one.item].title) for member, one in bundle.members.items()
    }
    used = {one.part for one in placed.values()}
    order = list(parts)
    return Form(
        title=bundle.title,
        parts={name: part for name, part in parts.items() if name in used},
        fields=dict(sorted(placed.items(), key=lambda pair: order.index(pair[1].part))),
    )


def _joined(one: Field, other: Field) -> Field:
    return msgspec.structs.replace(
        one,
        required=one.required or other.required,
        when=_any((one.when, other.when)),
        check=one.check if one.check == other.check else _all(one.check, other.check),
        help=one.help or other.help,
    )


def _material(one: Material | None, other: Material) -> Material:
    if one is None:
        return other
    return msgspec.structs.replace(one, when=_any((one.when, other.when)))


def _meaning(one: Field) -> tuple[object, ...]:
    return (one.title, one.type, one.prefill, one.codes, one.options)


def _source(one: Material) -> tuple[object, ...]:
    return (one.title, one.sources, one.license, one.table)


def _all(*conditions: str) -> str:
    stated = [one for one in conditions if one]
    return " and ".join(f"({one})" for one in stated) if len(stated) > 1 else "".join(stated)


def _any(conditions: Iterable[str]) -> str:
    stated = list(dict.fromkeys(conditions))
    if "" in stated:
        return ""
    return " or ".join(f"({one})" for one in stated) if len(stated) > 1 else stated[0]
