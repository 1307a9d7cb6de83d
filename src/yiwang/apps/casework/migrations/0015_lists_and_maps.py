from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0014_list_indexes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="case", name="incident_by_state"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["state", "id"], condition=Q(grade__isnull=False), name="incident_by_state"
            ),
        ),
        migrations.RemoveIndex(model_name="case", name="incident_by_kind"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["kind", "id"], condition=Q(grade__isnull=False), name="incident_by_kind"
            ),
        ),
        migrations.RemoveIndex(model_name="case", name="incident_by_organ"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["organ", "id"], condition=Q(grade__isnull=False), name="incident_by_organ"
            ),
        ),
        migrations.RemoveIndex(model_name="case", name="incident_by_place"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["profile", "id"], name="case_by_profile"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["lat", "lon"], condition=Q(lat__isnull=False), name="case_by_place"
            ),
        ),
        migrations.AddIndex(
            model_name="steptask",
            index=models.Index(
                fields=["role", "division", "is_territorial", "case"], name="task_by_role_division"
            ),
        ),
    ]
