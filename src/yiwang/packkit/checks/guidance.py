"""Documents, answers, and policies against them: clauses resolve, and nothing contradicts."""

from collections.abc import Iterator
from datetime import date

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.guidance import Answer, Document
from yiwang.packkit.kinds.work import Policy, Rules

RELATIONS = ("repeals", "amends", "implements", "based_on")
FOREVER = date.max


def look(looking: Looking) -> None:
    """documents/, answers/, and what policies say of documents and of each other."""
    for name, document in looking.pack.documents.items():
        _document(looking, f"documents/{name}.yaml", document)
    for name, answer in looking.pack.answers.items():
        _answer(looking, f"answers/{name}.yaml", answer)
    for name, policy in looking.pack.policies.items():
        path = f"policies/{name}.yaml"
        _stands_on(looking, path, policy)
        _excludes(looking, path, f"{looking.pack.id}.{name}", policy)
        _contradicts(looking, path, f"{looking.pack.id}.{name}", policy)


def _document(looking: Looking, path: str, document: Document) -> None:
    looking.organ(document.organ, path, "organ")
    if not document.clauses:
        looking.tell("文件没有条款", "clauses 写 编号: 条文", path, "clauses")
    if document.active_until is not None and document.active_until <= document.active_from:
        looking.tell("截止日不晚于起始日", "改 active_until", path, "active_until")
    for relation in RELATIONS:
        for number, other in enumerate(getattr(document, relation)):
            if "." in other:
                looking.ref(("documents",), other, path, relation, number)


def _answer(looking: Looking, path: str, answer: Answer) -> None:
    looking.organ(answer.owner, path, "owner")
    document = looking.ref(("documents",), answer.document, path, "document")
    if not answer.clauses:
        looking.tell("答案没有写依据的条款", "clauses 写条款编号", path, "clauses")
    for number, clause in enumerate(answer.clauses):
        if document is not None:
            looking.choice(clause, document.clauses, "条款", path, "clauses", number)


def _stands_on(looking: Looking, path: str, policy: Policy) -> None:
    """The clauses exist, and their document is in force as long as the policy."""
    if not policy.document:
        if policy.clauses:
            looking.tell("写了条款，没有写哪份文件", "写 document: 包.文件", path, "clauses")
        return
    document = looking.ref(("documents",), policy.document, path, "document")
    if document is None:
        return
    for number, clause in enumerate(policy.clauses):
        looking.choice(clause, document.clauses, "条款", path, "clauses", number)
    until = _end_of(looking, policy.document, document)
    if policy.active_from < document.active_from or (policy.active_until or FOREVER) > until:
        looking.tell(
            f"政策的有效期超出文件“{document.title}”的有效期",
            f"改 active_from、active_until，文件自 {document.active_from} 起"
            + (f"，至 {until}" if until != FOREVER else ""),
            path,
            "active_from",
        )


def _end_of(looking: Looking, ref: str, document: Document) -> date:
    """When a document ends: by its own word, or with the document that repeals it."""
    repealed = [one.active_from for one in looking.shelf.documents().values() if ref in one.repeals]
    return min([document.active_until or FOREVER, *repealed])


def _excludes(looking: Looking, path: str, ref: str, policy: Policy) -> None:
    for number, other in enumerate(policy.excludes):
        found = looking.ref(("policies",), other, path, "excludes", number)
        if found is None:
            continue
        if other == ref:
            looking.tell("政策与自己互斥", "删去这一项", path, "excludes", number)
        elif ref not in found.excludes:
            write = f"在 {other} 的 excludes 中加入 {ref}，或删去这一项"
            looking.tell(f"“{other}”没有说与本政策互斥", write, path, "excludes", number)


def _contradicts(looking: Looking, path: str, ref: str, policy: Policy) -> None:
    """Two policies that put one clause into effect at one time must give the same."""
    mine = looking.shelf.rules().get(policy.rules)
    for other, found in _rivals(looking, ref, policy):
        theirs = looking.shelf.rules().get(found.rules)
        if mine is None or theirs is None or other in policy.excludes:
            continue
        if differing := [name for name in mine.outputs if _given(mine, name, theirs)]:
            clauses = "、".join(sorted({*policy.clauses} & {*found.clauses}))
            looking.tell(
                f"与“{other}”矛盾：同一条款（{clauses}）在重叠的有效期内给出不同的"
                f"{'、'.join(differing)}",
                "给其中一项写 active_until，或互相写 excludes，或改成同一套规则",
                path,
                "clauses",
            )


def _rivals(looking: Looking, ref: str, policy: Policy) -> Iterator[tuple[str, Policy]]:
    for other, found in looking.shelf.policies().items():
        is_same_clause = found.document == policy.document and {*found.clauses} & {*policy.clauses}
        starts = max(policy.active_from, found.active_from)
        ends = min(policy.active_until or FOREVER, found.active_until or FOREVER)
        if other != ref and policy.document and is_same_clause and starts < ends:
            yield other, found


def _given(mine: Rules, name: str, theirs: Rules) -> bool:
    """Whether two rule sets give ``name`` by other words or by other values."""
    if name not in theirs.outputs:
        return False
    return _words(mine, name) != _words(theirs, name)


def _words(rules: Rules, name: str) -> list[tuple[str, ...]]:
    values = {
        parameter: tuple(f"{one.from_}:{one.until}:{one.value}" for one in written.values)
        for parameter, written in rules.parameters.items()
    }
    named = [value for parameter, dated in sorted(values.items()) for value in (parameter, *dated)]
    return [(row.when, row.then.get(name, ""), *named) for row in rules.decision]
