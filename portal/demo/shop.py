"""Who the demo company is: name, ways to reach it, hours, shelves."""

import tomllib
from datetime import date
from pathlib import Path

from django.utils import timezone

from feedback.models import ContactChannel, Holiday, OpeningHours, Organisation
from kb.models import Category

HERE = Path(__file__).parent


def read(name):
    """One of the demo's data files."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def open_the_shop():
    """Everything about the company that its articles and requests rest on."""
    shop = read("shop.toml")
    Organisation.objects.create(**_stripped(shop["organisation"]))
    ContactChannel.objects.bulk_create(
        ContactChannel(position=position, **channel)
        for position, channel in enumerate(shop["channels"])
    )
    _set_hours(**shop["hours"])
    _set_holidays(shop["holidays"])
    _put_up_shelves(shop["categories"])


def _set_hours(days, opens, closes):
    OpeningHours.objects.all().delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=day, opens=opens, closes=closes) for day in days
    )


def _set_holidays(holidays):
    this_year = timezone.localdate().year
    Holiday.objects.bulk_create(
        Holiday(date=date.fromisoformat(f"{year}-{day}"), name=name)
        for year in (this_year, this_year + 1)
        for day, name in holidays.items()
    )


def _put_up_shelves(categories):
    shelves = {}
    for position, category in enumerate(categories):
        above = shelves.get(category.pop("above", None))
        shelves[category["slug"]] = Category.objects.create(
            parent=above, position=position, **category
        )


def _stripped(fields):
    return {name: value.strip() for name, value in fields.items()}
