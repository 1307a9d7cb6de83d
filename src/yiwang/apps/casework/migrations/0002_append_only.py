"""The database itself refuses to change or remove what happened: trail, evidence, signals, ratings.

A frozen flow may change only in whether it is current and which prefix its numbers bear.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPEND_ONLY = ("trailentry", "evidence", "signal", "rating")
FROZEN = ("ref", "version", "title", "content", "installed_at")


def guard(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of this database."""
    for statement in _statements(editor.connection.vendor):
        editor.execute(statement, params=None)


def _statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER casework_{table}_no_{act} BEFORE {act.upper()} ON casework_{table} "
            f"BEGIN SELECT RAISE(ABORT, 'casework_{table} is append-only'); END"
            for table in APPEND_ONLY
            for act in ("update", "delete")
        ] + [
            "CREATE TRIGGER casework_flowversion_frozen "
            f"BEFORE UPDATE OF {', '.join(FROZEN)} ON casework_flowversion "
            "BEGIN SELECT RAISE(ABORT, 'casework_flowversion is frozen'); END"
        ]
    if vendor == "postgresql":
        return [
            "CREATE FUNCTION casework_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            *(
                f"CREATE TRIGGER casework_{table}_no_change BEFORE UPDATE OR DELETE "
                f"ON casework_{table} FOR EACH ROW EXECUTE FUNCTION casework_refuse()"
                for table in APPEND_ONLY
            ),
            "CREATE TRIGGER casework_flowversion_frozen "
            f"BEFORE UPDATE OF {', '.join(FROZEN)} ON casework_flowversion "
            "FOR EACH ROW EXECUTE FUNCTION casework_refuse()",
        ]
    raise NotImplementedError(f"no append-only triggers for {vendor}")


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]

    operations = [migrations.RunPython(guard, elidable=False)]
