"""Which purposes the preference centre shows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_computed_traits")]

    operations = [
        migrations.AddField(model_name="consentsetting", name="offered", field=models.JSONField(default=list)),
    ]
