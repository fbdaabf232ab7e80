"""Does the front door open? Every minute a worker asks our pages, over the network, as a reader.

The pages are asked at the address customers use, so a stopped web server, a proxy in trouble
or a broken index all count. Minutes in which no worker ran have no probe; the dashboard says so.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from feedback import retention
from kb.models import Article
from portal.models import Probe

log = logging.getLogger(__name__)
PATIENCE = 5  # seconds for a page
NAME = "Askwell monitor"  # named as the machine it is, so that no reader is counted


def probe(now=None):
    """Ask each page once and write down which did not answer as it should."""
    if not settings.PROBES:
        return
    pages = _pages()
    with ThreadPoolExecutor(len(pages)) as askers:
        answers = list(askers.map(_answers, pages.values()))
    silent = [name for name, is_fine in zip(pages, answers, strict=True) if not is_fine]
    now = now or timezone.now()
    Probe.objects.create(at=now, silent=", ".join(silent))
    Probe.objects.filter(at__lt=now - retention.SEARCHES).delete()


def _pages():
    """The four ways into the house; without a public article there are three."""
    article = Article.objects.public().by_demand().first()
    words = article.title if article else "?"
    pages = {
        "home": reverse("portal:home"),
        "search": f"{reverse('portal:search')}?{urlencode({'q': words[:100]})}",
        "form": reverse("portal:ask"),
    }
    if article:
        pages["article"] = article.get_absolute_url()
    return pages


def _answers(address):
    request = Request(settings.SITE_URL + address, headers={"User-Agent": NAME})
    try:
        with urlopen(request, timeout=PATIENCE) as response:
            return response.status == 200 and bool(response.read(1))
    except (OSError, ValueError) as trouble:  # every refusal, error status and silence
        log.warning("The probe of %s found: %s", address.partition("?")[0], trouble)
        return False
