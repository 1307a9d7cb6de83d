"""Which grid cell a place lies in, and who works there."""

from datetime import datetime

from django.db.models import Q

from yiwang.apps.casework.models import GridCell
from yiwang.apps.casework.polygons import contains
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound


class CellUnknown(NotFound):
    """No cell in force has this code."""

    code = "casework.cell_unknown"


def cell_at(lon: float | None, lat: float | None, *, on: datetime) -> GridCell | None:
    """The cell in force in which a place lies; None outside every cell."""
    if lon is None or lat is None:
        return None
    near = GridCell.objects.filter(west__lte=lon, east__gte=lon, south__lte=lat, north__gte=lat)
    for cell in near.filter(in_force(on)).order_by("code"):
        if contains(cell.area, lon, lat):
            return cell
    return None


def in_force(at: datetime) -> Q:
    """The cells in force on a day."""
    day = local_date(at)
    until = Q(active_until=None) | Q(active_until__gt=day)
    return Q(active_from__lte=day) & until
