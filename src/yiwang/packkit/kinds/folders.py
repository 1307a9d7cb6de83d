"""Which folder of a pack holds which kind. Folder = kind, file = thing, file name = its id."""

from yiwang.packkit.kinds import (
    bundles,
    citizens,
    drills,
    guidance,
    incidents,
    pack,
    reports,
    resources,
    sight,
    subjects,
    trial,
    work,
)
from yiwang.packkit.kinds.shared import Kind

FOLDERS: dict[str, type[Kind]] = {
    "registers": resources.Register,
    "feeds": resources.Feed,
    "tables": resources.Table,
    "grants": resources.Grant,
    "releases": resources.Release,
    "entities": subjects.Entity,
    "purposes": subjects.Purpose,
    "rules": work.Rules,
    "policies": work.Policy,
    "documents": guidance.Document,
    "answers": guidance.Answer,
    "items": work.Item,
    "bundles": bundles.Bundle,
    "guides": bundles.Guide,
    "forms": work.Form,
    "reports": reports.Report,
    "flows": work.Flow,
    "incidents": incidents.Incident,
    "rounds": incidents.Round,
    "plans": incidents.Plan,
    "licenses": work.License,
    "codes": citizens.Code,
    "ratings": citizens.RatingScheme,
    "roles": work.Role,
    "streams": sight.Stream,
    "alerts": sight.Alert,
    "drills": drills.Drill,
    "indicators": sight.Indicator,
    "assessments": sight.Assessment,
    "vitals": sight.Vitals,
    "layers": sight.Layer,
    "screens": sight.Screen,
    "tests": trial.Trial,
}
"""Every folder of YAML files in a pack."""

MANIFEST = pack.Manifest
PLACE = pack.Place
