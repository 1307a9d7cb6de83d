"""The gate's decision, pure: call × grant × clock → allowed or refused, with every check it made.

No Django, no lake, no clock of its own: the same function decides a live call, is replayed to
explain an old one, and is tested with plain values. The checks run in a fixed order and the
first that fails names the refusal; later ones are still listed as not reached, so that the
explanation page shows the whole path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

PURPOSE_LIMIT = 200
CASE_LIMIT = 64
VALUE_LIMIT = 128


@dataclass(frozen=True)
class Call:
    """One call as it arrived: the key is a secret and is never kept, only its digest is."""

    key: str
    table: str
    where: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    purpose: str = ""
    case: str = ""
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True)
class ColumnTerm:
    """A column of the granted table as the catalogue describes it now."""

    name: str
    title: str
    grade: int
    element: str = ""


@dataclass(frozen=True)
class Terms:
    """What a grant binds. ``columns`` are granted; ``clear`` of them leave unmasked."""

    number: str
    table: str
    organ: str
    purpose: str
    columns: tuple[str, ...]
    lookup: tuple[str, ...]
    rows: str
    clear: tuple[str, ...]
    quota_per_day: int
    rate_per_second: int
    max_grade: int
    active_from: datetime
    active_until: datetime
    withdrawn_at: datetime | None = None
    is_key_revoked: bool = False
    version: int = 1


@dataclass(frozen=True)
class Check:
    """One question the gate asked: ``passed`` is None when an earlier one had already refused."""

    code: str
    title: str
    passed: bool | None
    sentence: str


@dataclass(frozen=True)
class Decision:
    """The verdict. ``code`` is ``allowed`` or the first failed check's code."""

    code: str
    status: int
    explanation: str
    hint: str
    checks: tuple[Check, ...]
    columns: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.code == "allowed"


@dataclass(frozen=True)
class _Question:
    """A check before it is judged: what is asked, the answer, and what to say either way."""

    code: str
    title: str
    passed: bool
    yes: str
    no: str
    hint: str
    status: int = 403


def decide(
    call: Call,
    terms: Terms | None,
    *,
    columns: Mapping[str, ColumnTerm],
    at: datetime,
    used_today: int,
    is_rate_exceeded: bool = False,
) -> Decision:
    """Judge ``call`` against ``terms`` (None: no grant has this key) at the instant ``at``.

    ``columns`` describes the granted table as it is catalogued today, ``used_today`` counts the
    grant's answered calls of the local day.
    """
    if terms is None:
        return _judge([_key_question(call)], ())
    wanted = call.columns or terms.columns
    questions = [
        *_grant_questions(call, terms),
        *_period_questions(terms, at),
        *_purpose_questions(call, terms),
        *_column_questions(wanted, terms, columns),
        *_lookup_questions(call, terms),
        *_volume_questions(terms, used_today, is_rate_exceeded),
    ]
    return _judge(questions, wanted)


def _judge(questions: Sequence[_Question], columns: tuple[str, ...]) -> Decision:
    failed = next((index for index, asked in enumerate(questions) if not asked.passed), None)
    checks = tuple(
        Check(
            code=asked.code,
            title=asked.title,
            passed=None if failed is not None and index > failed else asked.passed,
            sentence=(
                "前一项已拒绝，未再核对。"
                if failed is not None and index > failed
                else asked.yes
                if asked.passed
                else asked.no
            ),
        )
        for index, asked in enumerate(questions)
    )
    if failed is None:
        return Decision("allowed", 200, "各项核对均通过，准予调用。", "", checks, columns)
    refusal = questions[failed]
    return Decision(refusal.code, refusal.status, refusal.no, refusal.hint, checks)


def _key_question(call: Call) -> _Question:
    hint = "请在请求头中携带“Authorization: Bearer 密钥”；密钥由数据提供方或数据局在授权页签发。"
    if not call.key:
        return _Question("key_missing", "密钥", False, "", "请求没有携带密钥。", hint, 401)
    return _Question("key_unknown", "密钥", False, "", "密钥不存在或已更换。", hint, 401)


def _grant_questions(call: Call, terms: Terms) -> list[_Question]:
    number = terms.number
    return [
        _Question(
            "key_revoked",
            "密钥",
            not terms.is_key_revoked,
            f"密钥属于授权 {number}。",
            f"授权 {number} 的这把密钥已停用。",
            "请在授权页签发新密钥。",
            401,
        ),
        _Question(
            "wrong_table",
            "数据表",
            call.table == terms.table,
            f"授权的数据表正是 {terms.table}。",
            f"授权 {number} 只覆盖数据表 {terms.table}。",
            "请对所需数据表另提数据需求。",
        ),
    ]


def _period_questions(terms: Terms, at: datetime) -> list[_Question]:
    number = terms.number
    return [
        _Question(
            "grant_withdrawn",
            "授权状态",
            terms.withdrawn_at is None or at < terms.withdrawn_at,
            f"授权 {number} 未被撤回。",
            f"授权 {number} 已被数据提供方撤回。",
            "请联系数据提供方；如仍需要，请重新提出数据需求。",
        ),
        _Question(
            "grant_not_begun",
            "生效时间",
            at >= terms.active_from,
            "授权已生效。",
            f"授权 {number} 尚未生效。",
            f"请于 {terms.active_from:%Y-%m-%d} 起调用。",
        ),
        _Question(
            "grant_expired",
            "有效期",
            at < terms.active_until,
            f"在有效期内（至 {terms.active_until:%Y-%m-%d}）。",
            f"授权 {number} 已于 {terms.active_until:%Y-%m-%d} 到期。",
            "请提出续期的数据需求。",
        ),
    ]


def _purpose_questions(call: Call, terms: Terms) -> list[_Question]:
    case_given = 0 < len(call.case) <= CASE_LIMIT
    return [
        _Question(
            "wrong_purpose",
            "用途",
            call.purpose == terms.purpose,
            f"声明的用途与授权一致：{terms.purpose}。",
            "没有声明用途。" if not call.purpose else "声明的用途与授权的用途不一致。",
            f"请在请求头 X-Purpose 中声明授权的用途（UTF-8 百分号编码）：{terms.purpose}",
        ),
        _Question(
            "case_missing",
            "办件编号",
            case_given,
            "已注明办件编号。",
            "没有注明因哪一办件或事件调用。",
            "请在请求头 X-Case 中写明办件编号（不超过 64 个字符）。",
        ),
    ]


def _column_questions(
    wanted: tuple[str, ...], terms: Terms, columns: Mapping[str, ColumnTerm]
) -> list[_Question]:
    outside = [name for name in wanted if name not in terms.columns]
    gone = [name for name in wanted if name not in columns and name not in outside]
    high = [name for name in wanted if name in columns and columns[name].grade > terms.max_grade]
    granted = "、".join(terms.columns)
    return [
        _Question(
            "column_outside_grant",
            "字段",
            not outside and len(set(wanted)) == len(wanted),
            f"所要的 {len(wanted)} 个字段都在授权内。",
            f"有 {len(outside)} 个字段不在授权内或重复。",
            f"授权的字段是：{granted}。",
        ),
        _Question(
            "column_gone",
            "目录",
            not gone,
            "字段均在目录中有效。",
            f"字段 {'、'.join(gone)} 已从数据目录撤下。",
            "请查看数据目录的变更说明，并去掉这些字段。",
            410,
        ),
        _Question(
            "column_grade_too_high",
            "分级",
            not high,
            f"字段等级均不高于授权上限 {terms.max_grade} 级。",
            f"字段 {'、'.join(high)} 的安全等级高于授权上限 {terms.max_grade} 级。",
            "请联系数据提供方复核分级或变更授权。",
        ),
    ]


def _lookup_questions(call: Call, terms: Terms) -> list[_Question]:
    missing = [name for name in terms.lookup if not call.where.get(name)]
    outside = [name for name in call.where if name not in terms.lookup]
    long = [name for name, value in call.where.items() if len(value) > VALUE_LIMIT]
    needs = "、".join(terms.lookup) or "（无，按页读取）"
    return [
        _Question(
            "lookup_missing",
            "查询条件",
            not missing,
            f"查询条件齐全：{needs}。" if terms.lookup else "授权允许按页读取，无须查询条件。",
            f"授权只允许按 {needs} 逐条查询，缺少 {'、'.join(missing)}。",
            f"请在地址中给出：{needs}。",
            422,
        ),
        _Question(
            "lookup_outside_grant",
            "条件范围",
            not outside and not long,
            "没有授权以外的查询条件。",
            f"有 {len(outside)} 个查询条件不在授权内。" if outside else "查询条件的值过长。",
            f"授权的查询条件是：{needs}。",
        ),
    ]


def _volume_questions(terms: Terms, used_today: int, is_rate_exceeded: bool) -> list[_Question]:
    return [
        _Question(
            "quota_over",
            "当日配额",
            used_today < terms.quota_per_day,
            f"当日已用 {used_today} 次，配额 {terms.quota_per_day} 次。",
            f"当日 {terms.quota_per_day} 次的配额已用完。",
            "请于次日调用，或向数据提供方申请调整配额。",
            429,
        ),
        _Question(
            "rate_over",
            "调用频率",
            not is_rate_exceeded,
            f"未超过每秒 {terms.rate_per_second} 次。",
            f"超过每秒 {terms.rate_per_second} 次的频率上限。",
            "请降低频率后重试。",
            429,
        ),
    ]
