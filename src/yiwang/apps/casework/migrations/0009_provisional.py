from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0008_ratings")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="provisional",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="暂算年份"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("provisional__isnull", False)),
                fields=["provisional"],
                name="case_provisional",
            ),
        ),
    ]
