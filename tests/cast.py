"""One cast for all tests: 申请人 Wang and her company, 窗口 Li, colleague Zhao, stranger Sun.

Sun works for another organ and must never see anything. The people behind these names are
made by ``identity`` fixtures; what stands here is their facts.
"""

from datetime import datetime

from yiwang.kernel.clock import CHINA
from yiwang.kernel.identifiers import gbt11643, uscc


def _person(prefix: str, birth: str, sequence: str) -> str:
    first17 = f"{prefix}{birth}{sequence}"
    return first17 + gbt11643.check_digit(first17)


def _firm(division: str, organization: str) -> str:
    first17 = f"91{division}{organization}{uscc.organization_check(organization)}"
    return first17 + uscc.check_digit(first17)


NINE = datetime(2026, 11, 2, 9, 0, tzinfo=CHINA)
"""A Monday morning on which the tests live."""

WANG_NUMBER = _person("320825", "19560314", "002")
"""申请人王秀英, born in 泗阳 when its code was 320825; 70 years old at NINE."""

WANG_COMPANY = _firm("321323", "MA1TEST0")
"""王秀英's firm."""

OFFICE, OTHER_OFFICE = "civil-affairs", "market"
"""Li and Zhao work at OFFICE, Sun at OTHER_OFFICE."""
