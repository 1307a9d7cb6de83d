"""One-things and guides: members that exist, one meaning per field, conditions that read."""

from graphlib import CycleError, TopologicalSorter

from yiwang.packkit.checks import services
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.bundles import Bundle, BundleMember, Guide
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.merging import merged


def look(looking: Looking) -> None:
    """bundles/ and guides/."""
    for name, bundle in looking.pack.bundles.items():
        _bundle(looking, f"bundles/{name}.yaml", bundle)
    for name, guide in looking.pack.guides.items():
        _guide(looking, f"guides/{name}.yaml", guide)


def _bundle(looking: Looking, path: str, bundle: Bundle) -> None:
    looking.organ(bundle.organ, path, "organ")
    looking.basis(bundle.basis, path, "basis")
    looking.limit(bundle.promised_limit, "承诺办结", path, "promised_limit")
    looking.ref(("flows",), bundle.late_flow, path, "late_flow")
    if bundle.undo_flow:
        looking.ref(("flows",), bundle.undo_flow, path, "undo_flow")
    services.stage(looking, bundle.stage, path)
    for name, member in bundle.members.items():
        _member(looking, path, bundle, name, member)
    _order(looking, path, bundle)
    if _whole(looking, path, bundle):
        _one_form(looking, path, bundle)


def _member(looking: Looking, path: str, bundle: Bundle, name: str, member: BundleMember) -> None:
    at = (path, "members", name)
    for key, others in (("after", member.after), ("falls_with", member.falls_with)):
        for number, other in enumerate(others):
            looking.choice(other, bundle.members.keys() - {name}, "联办事项", *at, key, number)
    if member.falls_with and not bundle.undo_flow:
        looking.tell("有随他事项撤回的事项，却没有写撤回的流程", "写 undo_flow: 包.流程", *at)


def _order(looking: Looking, path: str, bundle: Bundle) -> None:
    try:
        TopologicalSorter({n: one.after for n, one in bundle.members.items()}).prepare()
    except CycleError as error:
        looking.tell(
            f"事项互相等待：{'、'.join(error.args[1])}", "去掉其中一个 after", path, "members"
        )


def _whole(looking: Looking, path: str, bundle: Bundle) -> bool:
    items, forms = looking.shelf.items(), looking.shelf.forms()
    found = [
        looking.ref(("items",), one.item, path, "members", name, "item")
        for name, one in bundle.members.items()
    ]
    return all(found) and all(items[one.item].form in forms for one in bundle.members.values())


def _one_form(looking: Looking, path: str, bundle: Bundle) -> None:
    items, forms = looking.shelf.items(), looking.shelf.forms()
    joined = merged(bundle, items, forms)
    for name, one, other in joined.conflicts:
        looking.tell(
            f"“{name}”在“{one or '另一事项'}”与“{other}”中不是同一意思",
            "写成同样的名称、类型、代码和来源，或改用另一个编号",
            path,
            "members",
            other,
        )
    certain = set(bundle.questions) | {
        name
        for member, one in bundle.members.items()
        if not one.when
        for name in joined.fields_of[member]
    }
    types: dict[str, Type] = {
        name: one.type for name, one in joined.form.fields.items() if name in certain
    }
    for name, question in bundle.questions.items():
        services.field(looking, path, name, question, types, key="questions")
    for name, member in bundle.members.items():
        if member.when:
            looking.expression(member.when, path, "members", name, "when", columns=types)


def _guide(looking: Looking, path: str, guide: Guide) -> None:
    types: dict[str, Type] = {name: one.type for name, one in guide.questions.items()}
    for name, one in guide.questions.items():
        services.field(looking, path, name, one, types, key="questions")
    for number, outcome in enumerate(guide.outcomes):
        at = (path, "outcomes", number)
        looking.expression(outcome.when, *at, "when", columns=types)
        for place, ref in enumerate(outcome.items):
            looking.ref(("items",), ref, *at, "items", place)
        for place, ref in enumerate(outcome.bundles):
            looking.ref(("bundles",), ref, *at, "bundles", place)
