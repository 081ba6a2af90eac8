import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0006_shared'),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('note', models.CharField(blank=True, default='', max_length=300)),
                ('due_at', models.BigIntegerField(null=True)),
                ('made_at', models.BigIntegerField()),
                ('made_by', models.CharField(max_length=254)),
                ('journey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journey')),
            ],
            options={
                'db_table': 'journeys_review',
            },
        ),
    ]
