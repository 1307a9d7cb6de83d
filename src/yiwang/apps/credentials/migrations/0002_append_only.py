"""The database itself refuses to change a licence's record or to remove a use of it."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SIGNED = (
    "number", "kind_id", "holder", "organ", "record", "digest", "signature", "token_signature",
    "key", "issued_at", "issued_by", "valid_until",
)  # fmt: skip


def guard(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of this database."""
    for statement in _statements(editor.connection.vendor):
        editor.execute(statement, params=None)


def _statements(vendor: str) -> list[str]:
    changed = f"UPDATE OF {', '.join(SIGNED)}"
    guarded = {
        "license_record": f"{changed} ON credentials_license",
        "license_kept": "DELETE ON credentials_license",
        "use_unchanged": "UPDATE ON credentials_licenseuse",
        "use_kept": "DELETE ON credentials_licenseuse",
    }
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER credentials_{name} BEFORE {when} "
            "BEGIN SELECT RAISE(ABORT, 'credentials: append-only'); END"
            for name, when in guarded.items()
        ]
    if vendor == "postgresql":
        return [
            "CREATE FUNCTION credentials_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'credentials: append-only'; END $$",
            *(
                f"CREATE TRIGGER credentials_{name} BEFORE {when} "
                "FOR EACH ROW EXECUTE FUNCTION credentials_refuse()"
                for name, when in guarded.items()
            ),
        ]
    raise NotImplementedError(f"no append-only triggers for {vendor}")


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial")]

    operations = [migrations.RunPython(guard, elidable=False)]
