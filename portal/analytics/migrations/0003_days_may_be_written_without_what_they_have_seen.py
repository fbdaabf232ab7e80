from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_see_what_days_have_seen"),
    ]

    operations = [
        migrations.AlterField(
            model_name="visitday",
            name="seen",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
