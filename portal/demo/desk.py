"""What lies on the editors' desk: a draft to review, one just begun, one that was replaced."""

from datetime import timedelta

from kb import publishing
from kb.models import Article, Category
from portal.demo.clock import standing_at

ABROAD = "<td>Ireland</td>\n<td>£8.50</td>\n<td>£{}</td>"


def lay_out_the_desk(diary, users):
    with standing_at(diary.now - timedelta(days=310)):
        _replace_last_years_answer(users["sam"])
    with standing_at(diary.moment("2 days ago 15:50")):
        _propose_a_new_price(users["dana"])
    with standing_at(diary.moment("1 day ago 16:15")):
        _begin_an_answer(users["priya"])


def _replace_last_years_answer(publisher):
    """Its address stays and says what took its place."""
    article = Article.start(
        by=publisher,
        title="Christmas parcels: the days of last year",
        category=Category.objects.get(slug="delivery-times"),
        issue="<p>Until which day did an order come before Christmas last year?</p>",
        resolution="<p><strong>Until the 17th of December.</strong></p>"
        "<p>After that a gift card by e-mail was the quickest present.</p>",
        keywords="christmas, last order",
    )
    publishing.publish(article, by=publisher)
    successor = Article.objects.get(external_id="delivery-time")
    publishing.archive(article, by=publisher, replaced_by=successor)


def _propose_a_new_price(author):
    """The public text stays until a publisher has looked at the draft."""
    article = Article.objects.get(external_id="delivery-cost")
    public = article.published_revision
    draft = article.write(
        by=author,
        based_on=public,
        change_note="Free delivery to Ireland from £70, from next month on",
        resolution=public.resolution.replace(ABROAD.format(90), ABROAD.format(70)),
    )
    publishing.submit(draft, by=author)


def _begin_an_answer(author):
    Article.start(
        by=author,
        title="How do I polish a copper pan?",
        category=Category.objects.get(slug="cast-iron"),
        issue="<p>The pan has gone brown; which polish is right, and which harms the coat?</p>",
        keywords="copper, polish",
    )
