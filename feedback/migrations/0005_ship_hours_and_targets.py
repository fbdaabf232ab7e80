"""When a new house is open, when it replies, and how fast it means to be. All editable."""

import datetime

from django.db import migrations

OPENS, CLOSES = datetime.time(9), datetime.time(17)
ROUNDS = [datetime.time(9, 30), datetime.time(12), datetime.time(14, 30), datetime.time(17)]
# In business minutes; a working day has 480.
TARGETS = {
    "complaint": {"first_reply": 120, "update_interval": 480, "escalation_reply": 120},
    "question": {"first_reply": 240, "update_interval": 960, "escalation_reply": 120},
    "request": {"first_reply": 240, "update_interval": 1440, "escalation_reply": 240},
    "compliment": {"first_reply": 480, "update_interval": 2400, "escalation_reply": 240},
}


def ship(apps, schema_editor):
    OpeningHours = apps.get_model("feedback", "OpeningHours")
    ReplyRound = apps.get_model("feedback", "ReplyRound")
    ServiceTarget = apps.get_model("feedback", "ServiceTarget")
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=weekday, opens=OPENS, closes=CLOSES) for weekday in range(5)
    )
    ReplyRound.objects.bulk_create(ReplyRound(at=at) for at in ROUNDS)
    ServiceTarget.objects.bulk_create(
        ServiceTarget(kind=kind, **minutes) for kind, minutes in TARGETS.items()
    )


def take_back(apps, schema_editor):
    apps.get_model("feedback", "OpeningHours").objects.filter(opens=OPENS, closes=CLOSES).delete()
    apps.get_model("feedback", "ReplyRound").objects.filter(at__in=ROUNDS).delete()
    apps.get_model("feedback", "ServiceTarget").objects.filter(kind__in=TARGETS).delete()


class Migration(migrations.Migration):
    dependencies = [("feedback", "0004_ship_survey_factors")]
    operations = [migrations.RunPython(ship, take_back)]
