"""Whether who applied is still there: people die and move while a case runs."""

from yiwang.apps.catalog import public as catalog
from yiwang.apps.services.models import Application
from yiwang.kernel.errors import Conflict
from yiwang.lake.serving import NotServed

RESIDENT, NUMBER = "base.resident", "id_number"


class HolderDied(Conflict):
    """The applicant has died since they applied; nothing is granted to the dead."""

    code = "services.holder_died"


def require_living(row: Application) -> None:
    """``HolderDied`` when the applicant of a waiting case is registered as dead."""
    found = _resident(row.subject)
    if found and found["is_alive"] is False:
        raise HolderDied(
            f"{row.case} 不能准予：申请人在申请之后已登记死亡。",
            hint="请以不予批准办结并写明原因；已发放的待遇由复核追回。",
            case=row.case,
        )


def moved_to(row: Application) -> str:
    """The division the applicant lives in now, where it is no longer the one they applied from.

    The organ that accepted the case decides it (管辖恒定); it learns of the move.
    """
    found = _resident(row.subject)
    lived = row.answers.get("division")
    now = str(found["division"]) if found and found["division"] else ""
    return now if lived and now and now != lived else ""


def _resident(subject: str) -> dict[str, object] | None:
    try:
        rows = catalog.lake().lookup(
            RESIDENT, where={NUMBER: subject}, columns=["is_alive", "division"], limit=1
        )
    except NotServed:
        return None
    return dict(rows[0]) if rows else None
