from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sensing", "0005_drills"),
    ]

    operations = [
        migrations.AddField(
            model_name="thingskey",
            name="broker_password",
            field=models.CharField(blank=True, max_length=200, verbose_name="消息服务器口令摘要"),
        ),
    ]
