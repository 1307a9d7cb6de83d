"""What the gate asks, in this order: each question with its answer, and what is said either way.

The sentences are written only for who reads them; judging a good call writes none.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from yiwang.apps.exchange.gate.terms import (
    CASE_LIMIT,
    COMPARED,
    KEYS_AT_ONCE,
    PAGE,
    SINGLE,
    VALUE_LIMIT,
    Call,
    ColumnTerm,
    Proof,
    Terms,
    Wish,
)
from yiwang.kernel.masking import is_masked

_PERSONAL = re.compile(r"(?<!\d)(?:[1-9]\d{16}[\dXx]|1[3-9]\d{9})(?!\d)")
"""What looks like a citizen's or a mobile number is no number of a case."""


class Matter(NamedTuple):
    """All that is looked at to decide one call."""

    call: Call
    grant: Terms
    wanted: tuple[str, ...]
    columns: Mapping[str, ColumnTerm]
    at: datetime
    used: int
    is_rate_exceeded: bool
    proof: Proof
    wish: Wish


class Question(NamedTuple):
    """One check: ``holds`` answers it, ``yes`` and ``no`` say so, ``hint`` says what to do."""

    code: str
    title: str
    holds: Callable[[Matter], bool]
    yes: Callable[[Matter], str]
    no: Callable[[Matter], str]
    hint: Callable[[Matter], str]
    status: int = 403
    is_steady: bool = False
    """Looks only at the grant, the catalogue and ``shape_of`` the call: once yes, yes for all."""


def _say(text: str) -> Callable[[Matter], str]:
    return lambda matter: text


_KEY_HINT = _say("请在请求头中携带“Authorization: Bearer 密钥”或签名；密钥由使用机构在授权页签发。")
_SIGN_HINT = _say(
    "签名方法见接口文档“签名请求”：RFC 9421，每次用新的 nonce，时间误差不超过五分钟。"
)

WITHOUT_GRANT = (
    Question(
        "key_missing", "密钥", lambda m: bool(m.call.key),
        _say("请求携带了密钥。"), _say("请求没有携带密钥。"), _KEY_HINT, 401,
    ),
    Question(
        "signature_malformed", "签名", lambda m: m.proof.fault != "malformed",
        _say("签名的写法可以识别。"), _say("签名的写法无法识别，或没有覆盖应签的内容。"),
        _SIGN_HINT, 401,
    ),
    Question(
        "key_unknown", "密钥", lambda m: False,
        _say(""), _say("密钥不存在或已更换。"), _KEY_HINT, 401,
    ),
)  # fmt: skip
"""Asked when no grant stands behind the key."""

_IDENTITY = (
    Question(
        "key_revoked", "密钥", lambda m: not m.grant.is_key_revoked,
        lambda m: f"密钥属于授权 {m.grant.number}。",
        lambda m: f"授权 {m.grant.number} 的这把密钥已停用。",
        _say("请在授权页签发新密钥。"), 401, is_steady=True,
    ),
    Question(
        "signature_malformed", "签名", lambda m: m.proof.fault != "malformed",
        lambda m: "请求已签名。" if m.proof.kind == "signed" else "请求以密钥为凭据。",
        _say("签名的写法无法识别，或没有覆盖应签的内容。"), _SIGN_HINT, 401,
    ),
    Question(
        "signature_expired", "签名时间", lambda m: m.proof.fault != "expired",
        lambda m: "签名在有效时间内。" if m.proof.kind == "signed" else "无签名，不核对时间。",
        _say("签名的时间与平台相差超过五分钟，或已过期。"), _SIGN_HINT, 401,
    ),
    Question(
        "signature_forged", "签名真伪", lambda m: m.proof.fault != "forged",
        lambda m: "签名与登记的公钥相符。" if m.proof.kind == "signed" else "无签名，不核对真伪。",
        _say("签名与登记的公钥不符：请求被改动，或不是用登记的私钥签的。"), _SIGN_HINT, 401,
    ),
    Question(
        "signature_replayed", "一次性", lambda m: m.proof.fault != "replayed",
        lambda m: "这个签名是第一次使用。" if m.proof.kind == "signed" else "无签名，不核对重放。",
        _say("这个签名已经用过，视为重放。"), _SIGN_HINT, 401,
    ),
    Question(
        "retry_differs", "重试标识", lambda m: m.proof.fault != "reused",
        lambda m: "重试标识未用于别的请求。" if m.call.retry else "没有重试标识。",
        _say("这个重试标识已用于内容不同的请求。"),
        _say("每个新请求用新的 Idempotency-Key；重试时内容须完全相同。"), 422,
    ),
    Question(
        "signature_required", "凭据", lambda m: m.grant.assurance != "signed"
        or m.proof.kind == "signed",
        lambda m: "授权要求签名，已签名。" if m.grant.assurance == "signed" else "授权允许用密钥。",
        lambda m: f"授权 {m.grant.number} 只接受签名的请求。",
        _say("请在授权页登记公钥，并对每次请求签名。"), 401,
    ),
    Question(
        "wrong_system", "使用系统",
        lambda m: m.call.system == m.grant.system,
        lambda m: f"使用系统：{m.grant.system or '授权未限定'}。",
        lambda m: (
            "声明的使用系统与授权不一致。" if m.call.system else "没有声明授权限定的使用系统。"
        ),
        lambda m: (
            f"请由授权的系统调用，并在请求头 X-System 中写明（UTF-8 百分号编码）：{m.grant.system}"
            if m.grant.system
            else "授权未限定使用系统，请去掉请求头 X-System。"
        ),
        is_steady=True,
    ),
    Question(
        "wrong_table", "数据表", lambda m: m.call.table == m.grant.table,
        lambda m: f"授权的数据表正是 {m.grant.table}。",
        lambda m: f"授权 {m.grant.number} 只覆盖数据表 {m.grant.table}。",
        _say("请对所需数据表另提数据需求。"),
        is_steady=True,
    ),
)  # fmt: skip

_PERIOD = (
    Question(
        "grant_withdrawn", "授权状态",
        lambda m: m.grant.withdrawn_at is None or m.at < m.grant.withdrawn_at,
        lambda m: f"授权 {m.grant.number} 未被撤回。",
        lambda m: f"授权 {m.grant.number} 已被数据提供方撤回。",
        _say("请联系数据提供方；如仍需要，请重新提出数据需求。"),
    ),
    Question(
        "grant_not_begun", "生效时间", lambda m: m.at >= m.grant.active_from,
        _say("授权已生效。"),
        lambda m: f"授权 {m.grant.number} 尚未生效。",
        lambda m: f"请于 {m.grant.active_from:%Y-%m-%d} 起调用。",
    ),
    Question(
        "grant_expired", "有效期", lambda m: m.at < m.grant.active_until,
        lambda m: f"在有效期内（至 {m.grant.active_until:%Y-%m-%d}）。",
        lambda m: f"授权 {m.grant.number} 已于 {m.grant.active_until:%Y-%m-%d} 到期。",
        _say("请提出续期的数据需求。"),
    ),
)  # fmt: skip

_PURPOSE = (
    Question(
        "wrong_purpose", "用途", lambda m: m.call.purpose == m.grant.purpose,
        lambda m: f"声明的用途与授权一致：{m.grant.purpose}。",
        lambda m: "声明的用途与授权的用途不一致。" if m.call.purpose else "没有声明用途。",
        lambda m: f"请在请求头 X-Purpose 中声明授权的用途（UTF-8 百分号编码）：{m.grant.purpose}",
        is_steady=True,
    ),
    Question(
        "case_missing", "办件编号", lambda m: 0 < len(m.call.case) <= CASE_LIMIT,
        _say("已注明办件编号。"),
        _say("没有注明因哪一办件或事件调用。"),
        _say("请在请求头 X-Case 中写明办件编号（不超过 64 个字符）。"),
    ),
    Question(
        "case_personal", "办件编号内容", lambda m: not _PERSONAL.search(m.call.case),
        _say("办件编号不含个人号码。"),
        _say("办件编号中含有身份号码或手机号码。"),
        _say("请写办件或事件的编号，不要写个人号码。"), 422,
    ),
)  # fmt: skip


def _outside(m: Matter) -> list[str]:
    return [name for name in m.wanted if name not in m.grant.columns]


def _gone(m: Matter) -> list[str]:
    return [name for name in m.wanted if name not in m.columns and name in m.grant.columns]


def _high(m: Matter) -> list[str]:
    return [n for n in m.wanted if n in m.columns and m.columns[n].grade > m.grant.max_grade]


_COLUMNS = (
    Question(
        "column_outside_grant", "字段",
        lambda m: set(m.wanted) <= set(m.grant.columns) and len(set(m.wanted)) == len(m.wanted),
        lambda m: f"所要的 {len(m.wanted)} 个字段都在授权内。",
        lambda m: f"有 {len(_outside(m))} 个字段不在授权内或重复。",
        lambda m: f"授权的字段是：{'、'.join(m.grant.columns)}。",
        is_steady=True,
    ),
    Question(
        "column_gone", "目录", lambda m: not _gone(m),
        _say("字段均在目录中有效。"),
        lambda m: f"字段 {'、'.join(_gone(m))} 已从数据目录撤下。",
        _say("请查看数据目录的变更说明，并去掉这些字段。"), 410, is_steady=True,
    ),
    Question(
        "column_grade_too_high", "分级", lambda m: not _high(m),
        lambda m: f"字段等级均不高于授权上限 {m.grant.max_grade} 级。",
        lambda m: f"字段 {'、'.join(_high(m))} 的安全等级高于授权上限 {m.grant.max_grade} 级。",
        _say("请联系数据提供方复核分级或变更授权。"),
        is_steady=True,
    ),
)  # fmt: skip


def _needs(m: Matter) -> str:
    return "、".join(m.grant.lookup) or "（无，按页读取）"


def _missing(m: Matter) -> list[str]:
    if m.call.keys:
        return []
    return [name for name in m.grant.lookup if not m.call.where.get(name)]


def _fits_form(m: Matter) -> bool:
    """A grant by key gives rows by key only; a grant of all rows gives pages and files."""
    if m.call.keys and len(m.grant.lookup) != 1:
        return False
    if not m.call.form:
        return True
    return (m.call.form in SINGLE) == bool(m.grant.lookup)


_LOOKUP = (
    Question(
        "form_outside_grant", "调用方式", _fits_form,
        lambda m: "按键查询。" if m.grant.lookup else "按页、按文件读取。",
        lambda m: "授权只允许按键查询。" if m.grant.lookup else "授权只允许按页、按文件读取。",
        _say("请改用授权允许的调用方式，或另提数据需求。"),
        is_steady=True,
    ),
    Question(
        "lookup_missing", "查询条件", lambda m: not _missing(m),
        lambda m: (
            f"查询条件齐全：{_needs(m)}。"
            if m.grant.lookup
            else "授权允许按页读取，无须查询条件。"
        ),
        lambda m: f"授权只允许按 {_needs(m)} 逐条查询，缺少 {'、'.join(_missing(m))}。",
        lambda m: f"请在地址中给出：{_needs(m)}。", 422,
    ),
    Question(
        "lookup_outside_grant", "条件范围",
        lambda m: set(m.call.where) <= set(m.grant.lookup)
        and all(len(value) <= VALUE_LIMIT for value in (*m.call.where.values(), *m.call.keys)),
        _say("没有授权以外的查询条件。"),
        lambda m: (
            f"有 {len(set(m.call.where) - set(m.grant.lookup))} 个查询条件不在授权内。"
            if set(m.call.where) - set(m.grant.lookup)
            else "查询条件的值过长。"
        ),
        lambda m: f"授权的查询条件是：{_needs(m)}。",
    ),
    Question(
        "batch_too_large", "批量",
        lambda m: len(m.call.keys) <= KEYS_AT_ONCE and m.wish.found <= PAGE,
        lambda m: f"批量 {len(m.call.keys)} 个键。" if m.call.keys else "不是批量查询。",
        lambda m: (
            f"一次给出了 {len(m.call.keys)} 个键。"
            if len(m.call.keys) > KEYS_AT_ONCE
            else f"这些键共有超过 {PAGE} 行数据。"
        ),
        _say(f"一次不超过 {KEYS_AT_ONCE} 个键、{PAGE} 行，请分批。"), 422,
    ),
)  # fmt: skip


def _looked_at(m: Matter) -> set[str]:
    return {*m.wish.reads, *(name.removeprefix("-") for name in m.call.sort)}


def _may_be_looked_at(name: str, m: Matter) -> bool:
    """Only what the caller sees unmasked: a filter on a hidden value would tell it."""
    if name not in m.grant.columns or name not in m.columns:
        return False
    term = m.columns[name]
    if term.grade > m.grant.max_grade:
        return False
    return name in m.grant.clear or not is_masked(element=term.element, grade=term.grade)


_FILTER = (
    Question(
        "filter_refused", "筛选", lambda m: not m.wish.fault
        and not ((m.call.filter or m.call.sort) and m.grant.lookup),
        lambda m: "筛选与排序可以识别。" if m.call.filter or m.call.sort else "没有筛选与排序。",
        lambda m: "按键查询不接受筛选与排序。" if m.grant.lookup else "筛选条件无法识别。",
        lambda m: m.wish.fault or "请去掉 filter 与 sort。", 422,
    ),
    Question(
        "filter_outside_grant", "筛选范围",
        lambda m: all(_may_be_looked_at(name, m) for name in _looked_at(m)),
        _say("筛选与排序只用到不脱敏的授权字段。"),
        _say("筛选或排序用到了授权以外或须脱敏的字段。"),
        lambda m: "可用的字段是："
        f"{'、'.join(n for n in m.grant.columns if _may_be_looked_at(n, m)) or '（无）'}。",
    ),
    Question(
        "group_too_small", "最小群组",
        lambda m: m.wish.group is None or m.wish.group >= m.grant.smallest_group,
        lambda m: (
            f"筛选后不少于 {m.grant.smallest_group} 行。" if m.call.filter else "没有筛选。"
        ),
        lambda m: f"筛选后不足 {m.grant.smallest_group} 行，会指向具体的人。",
        _say("请放宽筛选条件；确需核查个人，请申请按键查询的授权。"),
    ),
    Question(
        "since_unknown", "起始快照", lambda m: m.wish.is_since_known,
        lambda m: (
            "起始快照可以比对。"
            if m.call.since and m.call.form in COMPARED
            else "不与以前的快照比对。"
        ),
        _say("没有这个起始快照，或它没有所要的字段，无从比对。"),
        _say("请用 /file 重取整个文件，以后从它的 X-Snapshot 起取变化。"), 410,
    ),
)  # fmt: skip

_VOLUME = (
    Question(
        "quota_over", "当日配额", lambda m: m.used < m.grant.quota_per_day,
        lambda m: f"当日已用 {m.used} 次，配额 {m.grant.quota_per_day} 次。",
        lambda m: f"当日 {m.grant.quota_per_day} 次的配额已用完。",
        _say("请于次日调用，或向数据提供方申请调整配额。"), 429,
    ),
    Question(
        "rate_over", "调用频率", lambda m: not m.is_rate_exceeded,
        lambda m: f"未超过每秒 {m.grant.rate_per_second} 次。",
        lambda m: f"超过每秒 {m.grant.rate_per_second} 次的频率上限。",
        _say("请降低频率后重试。"), 429,
    ),
)  # fmt: skip


def shape_of(call: Call) -> tuple[object, ...]:
    """All that steady questions look at in a call."""
    return (call.table, call.columns, call.purpose, call.system, call.form, bool(call.keys))


QUESTIONS = (*_IDENTITY, *_PERIOD, *_PURPOSE, *_COLUMNS, *_LOOKUP, *_FILTER, *_VOLUME)
"""Asked of every call whose key belongs to a grant."""

FLEETING = tuple(question for question in QUESTIONS if not question.is_steady)
"""What remains to be asked of a call whose shape has passed the steady questions before."""
