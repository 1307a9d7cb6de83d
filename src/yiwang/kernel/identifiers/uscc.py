"""统一社会信用代码 (GB 32100), with the organization code (GB 11714) inside it."""

import re
from dataclasses import dataclass

from yiwang.kernel.errors import Invalid

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_FORM = re.compile(rf"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class UsccMistyped(Invalid):
    """Not a unified social credit code: its form or one of its two check characters is wrong."""

    code = "kernel.uscc_mistyped"


@dataclass(frozen=True)
class Uscc:
    """统一社会信用代码: a code that passed its own checks, with its parts.

    ``registrar`` (1 编制, 5 民政, 9 市场监管 …) and ``category`` are its first two characters,
    ``division`` the six digits of the registrar's place, ``organization`` the nine characters of
    the organization code.
    """

    text: str
    registrar: str
    category: str
    division: str
    organization: str


def check(text: str) -> Uscc:
    """The code in ``text``, normalized (no spaces, upper case), or ``UsccMistyped``."""
    cleaned = "".join(text.split()).upper()
    if not _FORM.fullmatch(cleaned):
        raise _mistyped(
            "应为 18 位数字或大写字母（不用 I、O、S、V、Z），第 3 至 8 位为数字", "form"
        )
    if organization_check(cleaned[8:16]) != cleaned[16]:
        raise _mistyped("第 17 位与第 9 至 16 位（组织机构代码）不符", "organization_check")
    if check_digit(cleaned[:17]) != cleaned[17]:
        raise _mistyped("末位校验码与前 17 位不符", "check_digit")
    return Uscc(cleaned, cleaned[0], cleaned[1], cleaned[2:8], cleaned[8:17])


def is_valid(text: str) -> bool:
    """Whether ``check(text)`` would accept it."""
    try:
        check(text)
    except UsccMistyped:
        return False
    return True


def check_digit(first17: str) -> str:
    """The 18th character: weights 3^i mod 31 over the standard's 31 characters."""
    total = sum(_VALUE[char] * weight for char, weight in zip(first17, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def organization_check(first8: str) -> str:
    """The ninth character of an organization code (GB 11714): 0 to 9 or X."""
    pairs = zip(first8, _ORGANIZATION_WEIGHTS, strict=True)
    total = sum(int(char, 36) * weight for char, weight in pairs)
    return "0123456789X"[-total % 11]


def _mistyped(why: str, failed: str) -> UsccMistyped:
    return UsccMistyped(
        f"统一社会信用代码有误：{why}。", hint="请对照营业执照或登记证书逐位核对。", failed=failed
    )
