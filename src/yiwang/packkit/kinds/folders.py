"""Which folder of a pack holds which kind. Folder = kind, file = thing, file name = its id."""

from yiwang.packkit.kinds import pack, resources, sight, trial, work
from yiwang.packkit.kinds.shared import Kind

FOLDERS: dict[str, type[Kind]] = {
    "registers": resources.Register,
    "feeds": resources.Feed,
    "tables": resources.Table,
    "grants": resources.Grant,
    "rules": work.Rules,
    "policies": work.Policy,
    "items": work.Item,
    "forms": work.Form,
    "flows": work.Flow,
    "incidents": work.Incident,
    "licenses": work.License,
    "roles": work.Role,
    "streams": sight.Stream,
    "alerts": sight.Alert,
    "indicators": sight.Indicator,
    "layers": sight.Layer,
    "screens": sight.Screen,
    "tests": trial.Trial,
}
"""Every folder of YAML files in a pack."""

MANIFEST = pack.Manifest
PLACE = pack.Place
