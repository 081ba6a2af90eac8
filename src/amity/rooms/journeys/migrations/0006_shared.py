from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0005_moments'),
    ]

    operations = [
        migrations.AddField(
            model_name='journey',
            name='shared_at',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='journey',
            name='shared_by',
            field=models.CharField(blank=True, default='', max_length=254),
        ),
        migrations.AddField(
            model_name='journey',
            name='shared_digest',
            field=models.CharField(blank=True, db_index=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='journey',
            name='shared_until',
            field=models.BigIntegerField(null=True),
        ),
    ]
