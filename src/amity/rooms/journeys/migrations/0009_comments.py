import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0008_incidents'),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(max_length=12)),
                ('lane', models.CharField(blank=True, default='', max_length=20)),
                ('body', models.CharField(max_length=1000)),
                ('to_person', models.CharField(blank=True, db_index=True, default='', max_length=64)),
                ('made_at', models.BigIntegerField()),
                ('made_by', models.CharField(max_length=254)),
                ('settled_at', models.BigIntegerField(null=True)),
                ('settled_by', models.CharField(blank=True, default='', max_length=254)),
                ('journey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journey')),
            ],
            options={
                'db_table': 'journeys_comment',
            },
        ),
    ]
