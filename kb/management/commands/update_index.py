from haystack.management.commands import update_index

from kb.search import keeping


class Command(update_index.Command):
    """Haystack's command; for our own engine it mends what differs from the database."""

    help = "Brings the search index up to the database."

    def handle(self, **options):
        if not list(keeping.followers()):
            return super().handle(**options)
        mended = keeping.compare_and_mend()
        if options["verbosity"]:
            self.stdout.write(f"{mended} articles brought up to date")
