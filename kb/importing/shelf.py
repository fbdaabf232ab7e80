"""Where imported articles stand: their categories and their addresses."""

from itertools import count

from django.utils.text import slugify
from django.utils.translation import gettext as _

from kb.models import Article, Category, FormerSlug


class Shelf:
    """Categories and addresses, remembered over the whole import."""

    def __init__(self):
        self._categories = {}
        for category in Category.objects.select_related("parent"):
            for name in (category.slug, category.name, category.path):
                self._categories.setdefault(name.casefold(), category)
        self._suffixes = {}

    def category(self, name):
        """The category of this address, name or "Above / Below" path; made when it is new."""
        if not name:
            return None
        above, below = ["", *name.split(" / ")][-2:]  # two levels are all there are
        above, below = above.strip()[:80], below.strip()[:80]
        key = f"{above} / {below}".casefold() if above else below.casefold()
        if key not in self._categories:
            self._categories[key] = Category.objects.create(
                name=below,
                slug=self._free_category_slug(below),
                parent=self.category(above),
            )
        return self._categories[key]

    def place(self, articles):
        """What the public reads stands in a category, and be it the general one."""
        for article in articles:
            if article.audience == Article.Audience.PUBLIC and article.category is None:
                article.category = self.category(_("General"))

    def _free_category_slug(self, name):
        base = slugify(name, allow_unicode=True)[:60] or "category"
        taken = set(Category.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        return next(s for n in count(1) if (s := base if n == 1 else f"{base}-{n}") not in taken)

    def free_slugs(self, records):
        """An address for each new record that no article has or had; two queries a batch."""
        bases = [
            r["slug"] or slugify(r["title"], allow_unicode=True)[:100].strip("-") or "answer"
            for r in records
        ]
        taken = set()
        for model in (Article, FormerSlug):
            taken.update(model.objects.filter(slug__in=bases).values_list("slug", flat=True))
        return [self._free_slug(base, taken) for base in bases]

    def _free_slug(self, base, taken):
        while True:
            n = self._suffixes[base] = self._suffixes.get(base, 0) + 1
            slug = base if n == 1 else f"{base}-{n}"
            if slug in taken:
                continue
            # Only a repeated title can meet an address that the batch's query did not ask for.
            if n == 1 or not (
                Article.objects.filter(slug=slug).exists()
                or FormerSlug.objects.filter(slug=slug).exists()
            ):
                taken.add(slug)
                return slug
