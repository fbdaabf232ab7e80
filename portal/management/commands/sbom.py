import json
import re
from importlib.metadata import PackageNotFoundError, metadata

from django.conf import settings
from django.core.management.base import BaseCommand

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


class Command(BaseCommand):
    help = "Every part of others we run, with version and licence, as CycloneDX JSON."

    def handle(self, **options):
        locked = (settings.BASE_DIR / "requirements" / "base.txt").read_text()
        parts = [part(name, version) for name, version in PINNED.findall(locked)]
        bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": parts}
        self.stdout.write(json.dumps(bill, indent=2))


def part(name, version):
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower()}@{version}",
        "licenses": [{"license": {"name": licence}} for licence in licences(name)],
    }


def licences(name):
    """As the part says itself: its expression, else its classifiers, else its own words."""
    try:
        said = metadata(name)
    except PackageNotFoundError:  # for another platform
        return []
    if expression := said.get("License-Expression"):
        return [expression]
    classified = [
        each.rpartition(" :: ")[2]
        for each in said.get_all("Classifier", [])
        if each.startswith("License ::")
    ]
    return classified or [line for line in said.get("License", "").splitlines()[:1] if line]
