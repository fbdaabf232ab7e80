"""Who the demo company is: name, ways to reach it, hours, shelves."""

import tomllib
from datetime import date
from pathlib import Path

from django.utils import timezone

from feedback.models import ContactChannel, Holiday, KnownIssue, OpeningHours, Organisation
from kb.models import Article, Category, PublicValue

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
    PublicValue.objects.bulk_create(PublicValue(**value) for value in shop["public_values"])
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


def announce_the_known_issues(diary):
    """What many customers met at once; it rests on the articles that help meanwhile."""
    for issue in read("shop.toml")["known_issues"]:
        minutes = issue.pop("next_update_in_minutes", None)
        known_issue = KnownIssue.objects.create(
            title=issue["title"],
            text=issue["text"],
            article=Article.objects.get(external_id=issue["article"]),
            state=issue["state"],
            started_at=diary.moment(issue["started"]),
            resolved_at=diary.moment(issue["resolved"]) if "resolved" in issue else None,
            next_update_at=minutes and diary.calendar.add_business_minutes(diary.now, minutes),
        )
        known_issue.categories.set(Category.objects.filter(slug__in=issue["categories"]))
