"""Rules and policies: parsed, typed, dated, each with its basis; outputs and subjects resolve."""

from yiwang.kernel.errors import Invalid
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.converting import expressions_of, named_code_tables, rule_set
from yiwang.packkit.kinds.shared import Parameter
from yiwang.packkit.kinds.work import Policy, Rules


def look(looking: Looking) -> None:
    """rules/ and policies/."""
    for name, rules in looking.pack.rules.items():
        _rules(looking, name, rules)
    for name, policy in looking.pack.policies.items():
        _policy(looking, f"policies/{name}.yaml", policy)


def _rules(looking: Looking, name: str, rules: Rules) -> None:
    path = f"rules/{name}.yaml"
    before = len(looking.findings)
    columns = looking.table_columns(rules.table, path, "table")
    parameters(looking, path, rules.parameters)
    for number, condition in enumerate(rules.conditions):
        looking.basis(condition.basis, path, "conditions", number, "basis")
    for number, row in enumerate(rules.decision):
        looking.basis(row.basis, path, "decision", number, "basis")
    tables = sorted(named_code_tables(*expressions_of(rules)))
    for table in tables:
        looking.codes(table, path)
    if not columns or len(looking.findings) > before:
        return
    try:
        rule_set(
            f"{looking.pack.id}.{name}",
            rules,
            columns=columns,
            titles={},
            codes={table: looking.shelf.codes(table) for table in tables},
            bases={one.id for one in looking.pack.manifest.basis},
        )
    except Invalid as error:
        looking.refused(error, path, *_keys(rules, str(error.data.get("part", ""))))


def _keys(rules: Rules, part: str) -> tuple[str | int, ...]:
    """Where in the file a part of the rule set is that the engine refused."""
    head, _, rest = part.partition(".")
    if head == "conditions":
        for number, condition in enumerate(rules.conditions):
            if condition.id == rest:
                return "conditions", number, "check"
    if head == "decision":
        for number, row in enumerate(rules.decision):
            if rest == row.when:
                return "decision", number, "when"
            if rest.startswith(f"{row.when}."):
                return "decision", number, "then", rest[len(row.when) + 1 :]
    if head == "derived":
        return "derived", rest
    return (head,) if head in ("conditions", "decision") else ("parameters", head)


def parameters(looking: Looking, path: str, found: dict[str, Parameter]) -> None:
    """Every value has a basis, and its period follows the one before."""
    for name, parameter in found.items():
        if not parameter.values:
            looking.tell(
                f"参数“{name}”没有值", "写 values: [{from, value, basis}]", path, "parameters", name
            )
        for number, value in enumerate(parameter.values):
            at = (path, "parameters", name, "values", number)
            looking.basis(value.basis, *at, "basis")
            later = parameter.values[number + 1 :]
            if later and (value.until is None or value.until > later[0].from_):
                looking.tell(f"参数“{name}”的两段有效期重叠", f"写 until: {later[0].from_}", *at)


def _policy(looking: Looking, path: str, policy: Policy) -> None:
    looking.organ(policy.organ, path, "organ")
    looking.basis(policy.basis, path, "basis")
    looking.ref(("flows",), policy.flow, path, "flow")
    if policy.license:
        looking.ref(("licenses",), policy.license, path, "license")
    if policy.active_until is not None and policy.active_until <= policy.active_from:
        looking.tell("截止日不晚于起始日", "改 active_until", path, "active_until")
    rules = looking.ref(("rules",), policy.rules, path, "rules")
    if rules is None:
        return
    columns = looking.shelf.derived.columns(rules.table)
    looking.choice(policy.subject, columns, "列", path, "subject")
    if policy.division:
        looking.choice(policy.division, columns, "列", path, "division")
