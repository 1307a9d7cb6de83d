"""A call's number stands once by a constraint: on PostgreSQL one index instead of two."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The second index was one for LIKE, which nobody asks."""

    dependencies = [
        ("exchange", "0006_rule_alerts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="callrecord",
            name="number",
            field=models.CharField(max_length=26, verbose_name="调用编号"),
        ),
        migrations.AddConstraint(
            model_name="callrecord",
            constraint=models.UniqueConstraint(fields=("number",), name="call_number_once"),
        ),
    ]
