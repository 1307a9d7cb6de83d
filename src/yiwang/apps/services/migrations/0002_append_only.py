"""The database itself refuses to change a run, a candidate or a payment, or to remove one."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPEND_ONLY = ("policyrun", "candidate", "payment")


def guard(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of this database."""
    for statement in _statements(editor.connection.vendor):
        editor.execute(statement, params=None)


def _statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER services_{table}_no_{act} BEFORE {act.upper()} ON services_{table} "
            f"BEGIN SELECT RAISE(ABORT, 'services_{table} is append-only'); END"
            for table in APPEND_ONLY
            for act in ("update", "delete")
        ]
    if vendor == "postgresql":
        return [
            "CREATE FUNCTION services_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            *(
                f"CREATE TRIGGER services_{table}_no_change BEFORE UPDATE OR DELETE "
                f"ON services_{table} FOR EACH ROW EXECUTE FUNCTION services_refuse()"
                for table in APPEND_ONLY
            ),
        ]
    raise NotImplementedError(f"no append-only triggers for {vendor}")


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial")]

    operations = [migrations.RunPython(guard, elidable=False)]
