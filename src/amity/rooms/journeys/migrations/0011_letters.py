from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0010_audits'),
    ]

    operations = [
        migrations.AddField(
            model_name='comment',
            name='letter_due_at',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='comment',
            name='letter_attempts',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='comment',
            name='letter_trouble',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('letter_due_at__isnull', False)), fields=['letter_due_at'], name='journeys_comment_letters'),
        ),
    ]
