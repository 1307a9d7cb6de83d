"""Projects of the place: declared as cases of a pack's flow, with their money and conditions.

The stages, the reviewers and the rules of the three refusals stand in the pack; what is here is
the list over the cases and the sums over their facts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid, NotAllowed
from yiwang.kernel.numbers import number_in
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.packkit.kinds.work import Step

FLOW, TERMS, START = "projects.project", "projects.payment_terms", "declare"
"""The flow of a project, without which a place has none; the terms of payment; the first step."""
SCORE, ASSET, VOUCHER = "绩效评分", "资产登记编号", "支付凭证编号"
APPROVED, BASELINE, ACTUAL = "核定预算（元）", "核定基线（元）", "决算金额（元）"
BUDGET = "预算（元）"


class ProjectMalformed(Invalid):
    """A project is for a system of one's own organ, with a budget and a baseline that is kept."""

    code = "boards.project_malformed"


@dataclass(frozen=True, kw_only=True)
class Project:
    """What is declared. The baseline and its rule are kept before anything is spent."""

    system: str
    """The number of an entry in the list of systems."""
    kind: str
    title: str
    budget: Decimal
    baseline: Decimal
    baseline_rule: str


@dataclass(frozen=True)
class ProjectView:
    """信息化项目: a project as its case stands."""

    number: str
    title: str
    organ: str
    system: str
    kind: str
    year: int
    budget: Decimal
    """As declared."""
    approved: Decimal | None
    """As it was put on the yearly list."""
    actual: Decimal | None
    """As accounted for at acceptance."""
    baseline: Decimal
    """As approved, until then as declared."""
    baseline_rule: str
    may_amend: bool
    """The reader declares it, and it has not been handed in or was sent back."""
    stage: str
    is_ended: bool
    opened_at: datetime
    due_at: datetime | None

    @property
    def granted(self) -> Decimal:
        """What may be spent: as approved, until then as declared."""
        return self.budget if self.approved is None else self.approved

    @property
    def cost(self) -> Decimal:
        """What it costs as far as is known: as accounted for, until then what may be spent."""
        return self.granted if self.actual is None else self.actual

    @property
    def cost_title(self) -> str:
        """Which figure ``cost`` is."""
        if self.actual is not None:
            return "决算"
        return "申报" if self.approved is None else "核定"

    @property
    def saved(self) -> Decimal | None:
        """The share of the baseline that is saved; none without a baseline."""
        return (self.baseline - self.cost) / self.baseline if self.baseline else None


@dataclass(frozen=True)
class ProjectSums:
    """The money of several projects."""

    count: int
    cost: Decimal
    baseline: Decimal

    @property
    def saved(self) -> Decimal | None:
        """The share saved over all of them."""
        return (self.baseline - self.cost) / self.baseline if self.baseline else None


@dataclass(frozen=True)
class Payment:
    """付款: a part of the budget that falls due at a stage; ``share`` None: not known yet."""

    title: str
    share: Decimal | None
    amount: Decimal | None
    by_score: bool
    score: Decimal | None
    voucher: str
    is_due: bool


def declare_project(project: Project, *, officer: identity.Officer, at: datetime) -> str:
    """申报: open a project's case with its reviewers; returns its number.

    Nothing is refused yet for want of a catalogue: the case cannot be handed in before.
    """
    identity.require(officer, "case.open", organ=officer.organ)
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    entry = catalog.list_entry(project.system, actor=officer) if project.system else None
    wrong = _faults(project, entry, officer)
    if wrong or entry is None:
        raise ProjectMalformed(
            f"申报不全：{'、'.join(wrong)}。", hint="先把系统编入系统清单并发布，再填写金额和基线。"
        )
    opened = casework.open_case(
        flow=FLOW,
        subject=entry.number,
        title=f"{project.title.strip()[:120]}（{project.kind}）",
        organ=officer.organ,
        division=identity.organ(officer.organ).division,
        facts={
            "系统": entry.title,
            "类型": project.kind,
            "年度": str(local_date(at).year),
            BUDGET: str(project.budget),
            "基线（元）": str(project.baseline),
            "基线规则": project.baseline_rule.strip()[:200],
        },
        actor=officer,
        at=at,
        parties=reviewers(library),
    )
    return opened.number


def amend_project(
    *, number: str, budget: Decimal, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """改预算: another amount, before the project is handed in or after it was sent back."""
    found = project(number, actor=officer, at=at)
    if budget <= 0:
        raise ProjectMalformed("预算要大于零。", hint="只填数字，单位为元。")
    casework.amend(
        number=found.number, facts={BUDGET: str(budget)}, reason=reason, officer=officer, at=at
    )


def _faults(
    project: Project, entry: catalog.EntryView | None, officer: identity.Officer
) -> list[str]:
    found = []
    if entry is None or entry.list != "system" or entry.organ != officer.organ:
        found.append("选择本机构系统清单中的系统")
    if not project.title.strip() or project.kind not in ("新建", "改建", "运维"):
        found.append("写明项目名称和类型")
    if project.budget <= 0 or project.baseline <= 0 or not project.baseline_rule.strip():
        found.append("写明预算、基线和基线规则，金额大于零")
    return found


def reviewers(library: Library) -> dict[str, str]:
    """The organ of each party of the flow: whose posts bring the role of the party's name."""
    pack = FLOW.split(".")[0]
    found: dict[str, str] = {}
    for party in library.flow(FLOW).parties:
        role = f"{pack}.{party}"
        for organ, one in library.organs().items():
            if any(role in roles for roles in one.roles.values()):
                found.setdefault(party, organ)
    return found


def projects(*, actor: identity.Actor, at: datetime) -> list[ProjectView]:
    """The projects that the actor may see, newest first."""
    if not isinstance(actor, identity.Officer):
        raise NotAllowed("此页面供工作人员使用。", hint="请用工作人员账户登录。")
    cases = casework.cases_of_flow(FLOW, officer=actor, at=at)
    told = casework.written([one.number for one in cases], (APPROVED, BASELINE, ACTUAL))
    return [_view(one, told.get(one.number, {})) for one in cases]


def project(number: str, *, actor: identity.Actor, at: datetime) -> ProjectView:
    """One project, for its organ and its reviewers."""
    case = casework.case(number, actor=actor, at=at)
    told = casework.written([case.number], (APPROVED, BASELINE, ACTUAL))
    return _view(case, told.get(case.number, {}))


def project_gates(number: str, *, actor: identity.Actor, at: datetime) -> list[services.RuleJudged]:
    """三个不予: the rules of the whole flow judged on the project's system as things stand."""
    case = casework.case(number, actor=actor, at=at)
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    steps = library.flow(FLOW).steps.values()
    needed = [n for step in steps for move in step.moves for n in move.needs]
    rules = [one for one in dict.fromkeys(needed) if casework.is_rule(one)]
    return services.judged(rules, case.subject, at=at)


def like_systems_of(
    number: str, *, actor: identity.Actor, at: datetime
) -> list[catalog.LikeSystem]:
    """查重: systems in force that are like the project's."""
    case = casework.case(number, actor=actor, at=at)
    return catalog.like_systems(case.subject)


def project_payments(number: str, *, actor: identity.Actor, at: datetime) -> list[Payment]:
    """付款: what the register's terms make due at each stage; the last by the score accepted."""
    case = casework.case(number, actor=actor, at=at)
    told = _told(case.number, actor)
    budget = _view(case, told).granted
    score = _score(told.get(SCORE))
    reached = {line.step_title for line in casework.trail(case.number, actor=actor)}
    steps = current_library(settings.PACKS, settings.PLACE, settings.HOME).flow(FLOW).steps
    found = []
    for stage in dict.fromkeys(str(row["stage"]) for row in _terms(at)):
        terms = [row for row in _terms(at) if row["stage"] == stage]
        by_score = len(terms) > 1
        fit = [row for row in terms if not by_score or (score or -1) >= int(row["score_from"])]
        share = (
            Decimal(str(max(fit, key=lambda row: int(row["score_from"]))["share"]))
            if fit and (score is not None or not by_score)
            else None
        )
        found.append(
            Payment(
                title=steps[stage].title,
                share=share,
                amount=None if share is None else (budget * share).quantize(Decimal("0.01")),
                by_score=by_score,
                score=score,
                voucher=told.get(VOUCHER, "") if by_score else "",
                is_due=bool(reached & _after(stage, steps)),
            )
        )
    return found


def _told(number: str, actor: identity.Actor) -> dict[str, str]:
    """The latest written evidence of a case by name."""
    return {
        each.name: each.text
        for line in casework.trail(number, actor=actor)
        for each in line.evidence
        if each.text
    }


def _score(text: str | None) -> Decimal | None:
    try:
        score = number_in(text or "")
    except ValueError:
        return None
    return score if 0 <= score <= 100 else None


def _terms(at: datetime) -> list[Mapping[str, Any]]:
    """The terms in force, the latest date of each stage."""
    today = local_date(at).isoformat()
    rows = [row for row in catalog.entries(TERMS) if str(row["from_on"]) <= today]
    latest = {str(row["stage"]): "" for row in rows}
    for row in rows:
        latest[str(row["stage"])] = max(latest[str(row["stage"])], str(row["from_on"]))
    return [row for row in rows if str(row["from_on"]) == latest[str(row["stage"])]]


def _after(stage: str, steps: Mapping[str, Step]) -> set[str]:
    """The titles of the steps to which a stage's approval leads."""
    return {
        steps[move.to].title
        for move in steps[stage].moves
        if move.verb == "approve" and move.to in steps
    }


def project_sums(found: Iterable[ProjectView]) -> ProjectSums:
    """The money of several projects, those not refused."""
    counted = [one for one in found if not one.stage.startswith("不予")]
    return ProjectSums(
        len(counted),
        sum((one.cost for one in counted), Decimal(0)),
        sum((one.baseline for one in counted), Decimal(0)),
    )


def _view(case: casework.CaseView, told: Mapping[str, str]) -> ProjectView:
    facts, baseline = case.facts, amount_in(told.get(BASELINE))
    return ProjectView(
        number=case.number,
        title=case.title,
        organ=case.organ,
        system=case.subject,
        kind=str(facts.get("类型", "")),
        year=case.opened_at.year if "年度" not in facts else int(facts["年度"]),
        budget=amount_in(facts.get(BUDGET)) or Decimal(0),
        approved=amount_in(told.get(APPROVED)),
        actual=amount_in(told.get(ACTUAL)),
        baseline=baseline or amount_in(facts.get("基线（元）")) or Decimal(0),
        baseline_rule=str(facts.get("基线规则", "")),
        may_amend=case.step == START and bool(case.moves),
        stage=case.step_title,
        is_ended=case.state == "ended",
        opened_at=case.opened_at,
        due_at=case.step_due_at,
    )


def amount_in(text: object) -> Decimal | None:
    """An amount as somebody wrote it; None where it is none."""
    try:
        return number_in(str(text).replace(",", ""))
    except ValueError:
        return None
