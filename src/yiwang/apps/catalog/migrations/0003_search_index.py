"""The index of the catalogue: FTS5 on SQLite, kept by triggers; GIN on PostgreSQL."""

from django.db import migrations

_NEW = "INSERT INTO catalog_search(rowid, title_terms, terms) VALUES (new.id, new.title_terms, new.terms);"
_OLD = (
    "INSERT INTO catalog_search(catalog_search, rowid, title_terms, terms) "
    "VALUES ('delete', old.id, old.title_terms, old.terms);"
)
SQLITE = (
    "CREATE VIRTUAL TABLE catalog_search USING fts5(title_terms, terms, "
    "content='catalog_searchtext', content_rowid='id', tokenize='unicode61', prefix='2 3 4')",
    f"CREATE TRIGGER catalog_search_insert AFTER INSERT ON catalog_searchtext BEGIN {_NEW} END",
    f"CREATE TRIGGER catalog_search_delete AFTER DELETE ON catalog_searchtext BEGIN {_OLD} END",
    f"CREATE TRIGGER catalog_search_update AFTER UPDATE ON catalog_searchtext BEGIN {_OLD} {_NEW} END",
)
POSTGRES = (
    "CREATE INDEX catalog_search_all ON catalog_searchtext USING gin "
    "(to_tsvector('simple', title_terms || ' ' || terms))",
)


def make(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES if is_postgres else SQLITE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_four_lists")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop, elidable=False)]
