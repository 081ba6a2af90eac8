"""Batches may go to the past together, under a token that is written down before they go."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("present", "0002_seen_and_replay")]

    operations = [
        migrations.AddField("pastbatch", "carried_as", models.CharField(default="", max_length=100)),
        # Bodies are compressed already; PostgreSQL is not to try it again.
        migrations.RunSQL(
            "ALTER TABLE present_past_batch ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE present_past_batch ALTER COLUMN body SET STORAGE EXTENDED",
        ),
    ]
