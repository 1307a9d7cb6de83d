"""What a decision relies on must still hold when it is made, not only when it was filed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from yiwang.apps.credentials import public as credentials
from yiwang.kernel.errors import Conflict


class LicenseLapsed(Conflict):
    """A licence that stands for a material was stopped after the application was filed."""

    code = "services.license_lapsed"


def require_held(materials: Iterable[Mapping[str, Any]], *, at: datetime) -> None:
    """``LicenseLapsed`` unless every licence of this platform among the materials is valid now."""
    proofs = {one["proof"]: one["title"] for one in materials if one["source"] == "license"}
    for number, state in credentials.states_of(proofs, at=at).items():
        if state != "valid":
            raise LicenseLapsed(
                f"材料“{proofs[number]}”所用的证照 {number} 现在{credentials.STATES[state]}，"
                "不能据此同意。",
                hint="请通知申请人补正材料，或写明理由不予通过。",
                number=number,
                state=state,
            )
