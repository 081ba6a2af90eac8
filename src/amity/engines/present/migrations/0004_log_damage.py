"""What the log lost and who decided what, and by which a reader knows its last entry again."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("present", "0003_carried_together")]

    operations = [
        migrations.AddField("position", "entry_print", models.CharField(max_length=32, blank=True, default="")),
        migrations.AddField("position", "entry_at", models.BigIntegerField(default=0)),
        migrations.CreateModel(
            name="LogDamage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outcome", models.CharField(max_length=16)),
                ("first_seq", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("said", models.TextField(blank=True, default="")),
                ("before_at", models.DateTimeField(null=True)),
                ("after_at", models.DateTimeField(null=True)),
                ("interactions", models.BigIntegerField(null=True)),
                ("decided_by", models.CharField(max_length=254, blank=True, default="")),
                ("reason", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "present_log_damage"},
        ),
    ]
