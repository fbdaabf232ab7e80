"""The ten things that make customers content, as the client's course notes name them."""

from django.db import migrations

# What it is called, and for which kinds it is asked: at most six for each.
FACTORS = [
    ("Deadlines and on-time delivery", ["complaint"]),
    ("Accurate invoice", ["question"]),
    ("Clear and helpful quotes", ["request"]),
    ("Told about changes and back orders", ["complaint", "request"]),
    ("Follow-through on commitment", ["question", "complaint", "request"]),
    ("Overall value, quality and range", ["question", "request"]),
    (
        "Competent employees, helpful before and after the sale",
        ["question", "complaint", "request"],
    ),
    ("Price", ["question", "request"]),
    ("The way the problem was resolved", ["question", "complaint"]),
    ("Prompt shipment matching the order", ["complaint"]),
]


def ship(apps, schema_editor):
    SurveyFactor = apps.get_model("feedback", "SurveyFactor")
    SurveyFactor.objects.bulk_create(
        SurveyFactor(name=name, kinds=kinds, position=position)
        for position, (name, kinds) in enumerate(FACTORS, start=1)
    )


def take_back(apps, schema_editor):
    SurveyFactor = apps.get_model("feedback", "SurveyFactor")
    SurveyFactor.objects.filter(name__in=[name for name, _kinds in FACTORS], answers=None).delete()


class Migration(migrations.Migration):
    dependencies = [("feedback", "0003_ship_calm_words")]
    operations = [migrations.RunPython(ship, take_back)]
