from django.db import migrations


def forget(apps, schema_editor):
    """A click without a place, and a vote after long thought, count since; the worker counts again."""
    apps.get_model("analytics", "VisitDay").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_see_what_days_have_seen"),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
