"""Alerts of unusual use move to casework, beside those of conduct: one loop, one table."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def move(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Each alert as a ``RuleAlert`` about the grant of its number."""
    kept = apps.get_model("casework", "RuleAlert")
    same = ("rule", "condition", "title", "day", "measured", "case", "raised_at")
    for row in apps.get_model("exchange", "UseAlert").objects.select_related("grant"):
        kept.objects.create(
            **{name: getattr(row, name) for name in same},
            object=row.grant.number,
            organ=row.grant.organ,
        )


class Migration(migrations.Migration):
    """Copy, then drop."""

    dependencies = [("exchange", "0005_pushes"), ("casework", "0016_rule_alerts")]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel(name="UseAlert"),
    ]
