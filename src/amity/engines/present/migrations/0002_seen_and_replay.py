"""Known interactions in partitions by period, replays, and what a changed number of workers leaves behind."""

from django.db import migrations, models
from django.db.models.functions import Now

CREATE = """
CREATE TABLE present_seen (
    period integer NOT NULL,
    key uuid NOT NULL,
    PRIMARY KEY (period, key)
) PARTITION BY LIST (period)
"""


class Migration(migrations.Migration):
    dependencies = [("present", "0001_initial")]

    operations = [
        migrations.AddField("position", "inherited", models.JSONField(default=list)),
        migrations.AddField("pastbatch", "replaces", models.JSONField(null=True)),
        migrations.RunSQL(CREATE, "DROP TABLE present_seen"),
        migrations.CreateModel(
            name="SeenMessage",
            fields=[
                ("pk", models.CompositePrimaryKey("period", "key", blank=True, editable=False, primary_key=True, serialize=False)),
                ("period", models.IntegerField()),
                ("key", models.UUIDField()),
            ],
            options={"db_table": "present_seen", "managed": False},
        ),
        migrations.CreateModel(
            name="Replay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_time", models.DateTimeField()),
                ("to_time", models.DateTimeField()),
                ("workspace_id", models.BigIntegerField(null=True)),
                ("muted", models.BooleanField(default=False)),
                ("first_seq", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("interactions", models.BigIntegerField(default=0)),
                ("asked_by", models.CharField(max_length=254)),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "present_replay"},
        ),
    ]
