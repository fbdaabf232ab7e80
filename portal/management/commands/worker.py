import signal
import threading

from django.core.management.base import BaseCommand

from portal import chores


class Command(BaseCommand):
    help = "Send mail, keep the index true to the database, move the clockwork."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Do all that is due and end.")
        parser.add_argument("--pause", type=float, default=1.0, help="Seconds between two rounds.")

    def handle(self, *, once, pause, **options):
        if once:
            return chores.do_round()
        stopping = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            # The chore in hand is finished first; nothing is cut off in the middle.
            signal.signal(name, lambda *_: stopping.set())
        chores.go_on(stopping, pause)
