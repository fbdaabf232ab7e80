from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0003_count_days_anew"),
    ]

    operations = [
        migrations.AlterField(
            model_name="visitday",
            name="seen",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
