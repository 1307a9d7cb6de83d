# Written by hand: a device's readings become those of its first point.

from datetime import UTC, datetime, timedelta

import django.db.models.deletion
from django.db import migrations, models

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at):
    return (at - EPOCH) // timedelta(microseconds=1)


def carry(apps, schema_editor):
    def model(name):
        return apps.get_model("sensing", name)

    devices = model("Device").objects.values_list("id", "stream")
    model("Point").objects.bulk_create(
        model("Point")(device_id=device, stream=stream) for device, stream in devices
    )
    points = dict(model("Point").objects.values_list("device_id", "pk"))
    model("Reading").objects.bulk_create(
        (
            model("Reading")(
                point_id=points[one.device_id],
                at=micros(one.at),
                value=one.value,
                received_at=micros(one.received_at),
                is_late=one.is_late,
            )
            for one in model("FormerReading").objects.iterator()
        ),
        batch_size=5000,
    )
    model("LatestReading").objects.bulk_create(
        model("LatestReading")(point_id=points[one.device_id], at=micros(one.at), value=one.value)
        for one in model("FormerLatest").objects.iterator()
    )


class Migration(migrations.Migration):
    dependencies = [("sensing", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="DeviceRoster",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.BigIntegerField(default=0, verbose_name="版本")),
            ],
        ),
        migrations.CreateModel(
            name="Point",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream", models.CharField(max_length=120, verbose_name="数据流")),
                ("facts", models.JSONField(default=dict, verbose_name="说明")),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="points",
                        to="sensing.device",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("device", "stream"), name="point_once")
                ]
            },
        ),
        migrations.AddField(
            model_name="device",
            name="register",
            field=models.CharField(blank=True, max_length=120, verbose_name="登记册", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="device",
            name="broker_password",
            field=models.CharField(
                blank=True, max_length=200, verbose_name="消息服务器口令摘要", default=""
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="device",
            name="wire_digest",
            field=models.CharField(
                blank=True, max_length=64, verbose_name="现场协议口令摘要", default=""
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="alertstate",
            name="due_at",
            field=models.DateTimeField(null=True, verbose_name="持续期满时间"),
        ),
        migrations.AddIndex(
            model_name="alertstate",
            index=models.Index(
                condition=models.Q(("cleared_at", None), ("raised_at", None)),
                fields=["due_at"],
                name="alert_waiting_by_due",
            ),
        ),
        migrations.CreateModel(
            name="MaintenanceWindow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("begins_at", models.DateTimeField(verbose_name="开始")),
                ("ends_at", models.DateTimeField(verbose_name="结束")),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                ("asked_by", models.CharField(max_length=64, verbose_name="登记人")),
                ("asked_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="maintenance",
                        to="sensing.device",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="maintenance_ends_later",
                    )
                ]
            },
        ),
        migrations.RenameModel(old_name="Reading", new_name="FormerReading"),
        migrations.RenameModel(old_name="LatestReading", new_name="FormerLatest"),
        migrations.AlterField(
            model_name="formerreading",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="sensing.device",
            ),
        ),
        migrations.AlterField(
            model_name="formerlatest",
            name="device",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="+",
                serialize=False,
                to="sensing.device",
            ),
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "point_id",
                        "at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.BigIntegerField(verbose_name="观测时间")),
                ("value", models.FloatField(verbose_name="数值")),
                ("received_at", models.BigIntegerField(verbose_name="接收时间")),
                ("is_late", models.BooleanField(default=False, verbose_name="迟到")),
                (
                    "point",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sensing.point",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["at"], name="reading_by_time")]},
        ),
        migrations.CreateModel(
            name="LatestReading",
            fields=[
                (
                    "point",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="latest",
                        serialize=False,
                        to="sensing.point",
                    ),
                ),
                ("at", models.BigIntegerField(verbose_name="观测时间")),
                ("value", models.FloatField(verbose_name="数值")),
            ],
        ),
        migrations.RunPython(carry, migrations.RunPython.noop),
        migrations.DeleteModel(name="FormerReading"),
        migrations.DeleteModel(name="FormerLatest"),
    ]
