from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_remember_probes"),
    ]

    operations = [
        migrations.AddField(
            model_name="trailend",
            name="proven",
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="trailend",
            name="proof",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
