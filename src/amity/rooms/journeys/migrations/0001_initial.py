import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('trust', '0009_retention'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedFunnel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('about', models.TextField(blank=True, default='')),
                ('definition', models.JSONField()),
                ('created_at', models.BigIntegerField()),
                ('created_by', models.CharField(max_length=254)),
                ('updated_at', models.BigIntegerField()),
                ('updated_by', models.CharField(max_length=254)),
                ('archived_at', models.BigIntegerField(null=True)),
                ('archived_by', models.CharField(blank=True, default='', max_length=254)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='trust.workspace')),
            ],
            options={
                'db_table': 'journeys_funnel',
                'constraints': [models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True)), fields=('workspace', 'name'), name='journeys_funnel_once')],
            },
        ),
    ]
