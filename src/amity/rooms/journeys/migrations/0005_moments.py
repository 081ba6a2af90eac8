import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0004_allowances'),
    ]

    operations = [
        migrations.CreateModel(
            name='Foretelling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.BigIntegerField()),
                ('seed', models.BigIntegerField()),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('claim', models.CharField(blank=True, default='', max_length=32)),
                ('told_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('doing', models.CharField(blank=True, default='', max_length=120)),
                ('share', models.FloatField(default=0.0)),
                ('result', models.JSONField(null=True)),
                ('trouble', models.TextField(blank=True, default='')),
                ('asked_at', models.BigIntegerField()),
                ('asked_by', models.CharField(max_length=254)),
                ('finished_at', models.BigIntegerField(null=True)),
                ('number', models.IntegerField()),
                ('content', models.JSONField()),
                ('definition', models.JSONField()),
                ('journey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journey')),
            ],
            options={
                'db_table': 'journeys_foretelling',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'running'])), fields=('journey',), name='journeys_foretelling_once')],
            },
        ),
    ]
