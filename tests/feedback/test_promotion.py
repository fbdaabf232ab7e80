"""From one customer's answer to everyone's."""

import pytest
from django.urls import reverse

from feedback import promotion
from feedback.answers import without_frills
from feedback.models import Message, OutboundEmail, Ticket, TicketArticleLink
from kb.models import Article, PublishRefused
from kb.privacy import gate
from tests import factories

pytestmark = pytest.mark.django_db

ANSWER = """Hi Maria,

Thank you for writing to us.

Open **My orders** and press Change address. Your order ORD-77812 went to the old one.

1. Choose the order.
2. Put in the new address.

Best regards,
Dana Svensson
Askwell

On Monday Maria Lindqvist wrote:
> where is it
"""


@pytest.fixture
def ticket(customer, dana):
    dana.last_name = "Svensson"
    dana.save()
    customer.phone = "+46 70 123 45 67"
    customer.save()
    ticket = factories.ticket(
        customer=customer,
        owner=dana,
        subject="Wrong address on ORD-77812",
        original_words="i moved house and my order goes to the old flat",
        search_words="change adress after order",
        order_number="ORD-77812",
        need_statement="You want your order to go to the new address.",
        facts="Ordered on the web\nOrder: 77812",
        category=factories.category("Ordering"),
        stage=Ticket.Stage.CLOSING,
    )
    ticket.messages.create(
        direction=Message.Direction.OUT,
        author_kind=Message.AuthorKind.CSR,
        author=dana,
        type=Message.Type.RESOLUTION,
        body=ANSWER,
    )
    ticket.notes.create(author=dana, body="She sounded tired.")
    return ticket


def written_up(ticket, by, **changes):
    draft = vars(promotion.draft_from(ticket)) | changes
    return promotion.create(ticket, by=by, **draft)


def told():
    return list(OutboundEmail.objects.filter(kind="article-published").values_list("to", flat=True))


def test_the_draft_is_the_need_and_the_answer_without_greeting_signature_and_quotes(ticket):
    draft = promotion.draft_from(ticket)
    assert "new address" in draft.issue
    assert "Change address" in draft.resolution
    assert "<ol>" in draft.resolution
    for frill in ("Hi Maria", "Thank you", "regards", "Dana", "wrote", "where is it", "tired"):
        assert frill not in draft.resolution
    assert draft.category == ticket.category
    assert "77812" not in draft.title + draft.environment


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Hello Tom, press the button.", "press the button."),
        ("Dear Mr. Baker\nPress it.\n\nKind regards\nDana", "Press it."),
        ("Press it.\nThanks!\nThe Askwell team", "Press it."),
        ("Thank you for asking. Press it.", "Press it."),
        ("Press it.\n\n--\nDana", "Press it."),
        ("Hallo Eva,\ndrück ihn.\n\nViele Grüße\nDana", "drück ihn."),
        ("High winds delay parcels.", "High winds delay parcels."),
        ("Press it, best with two hands.", "Press it, best with two hands."),
    ],
)
def test_frills_are_cut_and_nothing_else(said, kept):
    assert without_frills(said, "Dana") == kept


def test_the_customers_words_come_along_without_what_names_them(ticket):
    ticket.original_words = "I am Maria Lindqvist, call +46 70 123 45 67. Where does my order go?"
    ticket.search_words = "order of maria@example.org"
    words = " ".join(promotion.customer_words(ticket))
    for datum in ("Maria", "Lindqvist", "123 45", "maria@", "77812"):
        assert datum not in words
    assert "order go" in words


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Hello,\n\nmy kettle leaks. What now?\n\nRegards,\nMaria L", "my kettle leaks. What now?"),
        ("Hi there! Does the lid come off? Thanks in advance, Maria", "Does the lid come off?"),
        ("Guten Tag,\nwo ist mein Paket?\nViele Grüße\nMaria Lindqvist", "wo ist mein Paket?"),
        ("My name is Maria Lindqvist. Can I pay later?", "Can I pay later?"),
        ("Thanks to the new lid it leaks. Why?", "Thanks to the new lid it leaks. Why?"),
    ],
)
def test_the_first_other_wording_is_the_question_and_nothing_else(ticket, said, kept):
    ticket.original_words = said
    assert promotion.customer_words(ticket)[0] == kept


def test_a_letter_of_blank_lines_is_read_as_soon_as_any_other(ticket):
    """Were each line tried as the first of the courtesies, this would take minutes."""
    ticket.original_words = (
        "Where is it?" + "\n" * 19_000 + "Thanks" + "\n" * 900 + "for it, and why?"
    )
    assert promotion.customer_words(ticket)[0] == "Where is it?"


def test_an_article_is_recognised_by_its_answer_where_the_question_has_other_words(ticket, dana):
    for n in range(6):
        factories.article(f"My order goes to flat {n}", by=dana, resolution="<p>Ring us.</p>")
    same = factories.article(
        "Moving house", by=dana, resolution="<p>Choose the order and put in the new address.</p>"
    )
    found = promotion.similar_articles(ticket, dana)
    assert same in [hit.article for hit in found]


def test_the_gate_knows_everything_the_ticket_knows(ticket, dana, sam):
    leak = (
        "<p>Maria's order 77812 (Lindqvist, 070-123 45 67, maria@example.org, "
        f"{ticket.reference}); Svensson signed it.</p>"
    )
    article = written_up(ticket, dana, resolution=leak)
    found = {(hit.kind, hit.words) for hit in gate.findings(article.latest_revision)}
    assert {kind for kind, _words in found} >= {"name", "reference", "phone", "email"}
    assert {"Maria's", "Lindqvist", "Svensson"} <= {words for _kind, words in found}
    with pytest.raises(PublishRefused):
        article.publish(by=sam, is_anonymous=True)


def test_what_customers_tell_in_their_letter_is_known_like_what_the_form_asked(ticket, dana):
    ticket.original_words = (
        "we are Thornbury Dental Care Ltd, 742 Evergreen Terrace, Springfield, and i moved house"
    )
    ticket.facts = "Company: Huber & Co\nDelivery address: Lindenweg 4a, 50667 Köln"
    ticket.save()
    leak = "<p>Thornbury Dental in Evergreen Terrace, HUBER & CO at Lindenweg 4 a.</p>"
    article = written_up(ticket, dana, resolution=leak)
    blocked = {
        hit.words for hit in gate.findings(article.latest_revision) if hit.severity == "block"
    }
    assert blocked == {"Thornbury Dental", "Evergreen Terrace", "HUBER & CO", "Lindenweg 4 a"}


def test_the_gate_catches_name_and_number_left_in_a_draft_and_makes_them_neutral(ticket, dana, sam):
    article = written_up(ticket, dana)
    assert not article.latest_revision.redaction_report.is_passed
    gate.neutralise(article.latest_revision, by=dana)
    article.refresh_from_db()
    text = article.latest_revision.resolution
    assert "77812" not in text
    assert "your order number" in text
    article.publish(by=sam, is_anonymous=True)
    assert article.is_public


def test_a_human_must_say_that_nobody_could_tell_who_asked(ticket, dana, sam):
    article = written_up(ticket, dana, resolution="<p>Change it under My orders.</p>")
    with pytest.raises(PublishRefused, match="stranger"):
        article.publish(by=sam)


def test_writing_up_links_both_ways_and_decides_the_knowledge(ticket, dana):
    article = written_up(ticket, dana)
    link = TicketArticleLink.objects.get()
    assert (link.ticket, link.article, link.relation) == (ticket, article, "created-from")
    ticket.refresh_from_db()
    assert ticket.knowledge == Ticket.Knowledge.DRAFTED
    assert article.sources.get().reference == ticket.reference
    assert ticket.events.get(type="promoted").data["answer"] == "create"
    assert not article.is_public


def test_the_asker_is_told_once_when_the_answer_is_published(ticket, dana, sam):
    article = written_up(ticket, dana, resolution="<p>Change it under My orders.</p>")
    assert told() == []
    article.publish(by=sam, is_anonymous=True)
    article.write(by=dana, resolution="<p>Change it under My orders, top right.</p>")
    article.publish(by=sam, is_anonymous=True)
    assert told() == ["maria@example.org"]
    mail = OutboundEmail.objects.get(kind="article-published")
    assert article.get_absolute_url() in mail.text
    assert "Nothing in it names you" in mail.text


def test_whoever_had_asked_the_same_is_told_too_and_nobody_twice(ticket, dana, sam, other_customer):
    factories.ticket(customer=other_customer, search_words="Change adress after order")
    factories.ticket(customer=ticket.customer, search_words="change adress after order")
    article = written_up(ticket, dana, resolution="<p>Change it under My orders.</p>")
    article.publish(by=sam, is_anonymous=True)
    assert sorted(told()) == ["maria@example.org", "tom@example.org"]


def test_a_refused_publication_tells_nobody(ticket, dana, sam):
    article = written_up(ticket, dana, category=None)
    with pytest.raises(PublishRefused):
        article.publish(by=sam, is_anonymous=True)
    assert told() == []


def test_linking_adds_the_customers_words_and_tells_them(ticket, dana):
    article = factories.article("How do I change the address?", by=dana, public=True)
    promotion.link(ticket, article, by=dana)
    words = {question.text for question in article.alternate_questions.all()}
    assert "i moved house and my order goes to the old flat" in words
    ticket.refresh_from_db()
    assert ticket.knowledge == Ticket.Knowledge.LINKED
    assert told() == ["maria@example.org"]
    promotion.link(ticket, article, by=dana)
    assert told() == ["maria@example.org"]


def test_an_article_already_in_the_answer_is_not_announced_again(ticket, dana):
    article = factories.article(by=dana, public=True)
    TicketArticleLink.objects.create(ticket=ticket, article=article, relation="solved-by", by=dana)
    promotion.link(ticket, article, by=dana)
    assert told() == []


def test_an_improved_article_guards_this_customer_too(ticket, dana, sam):
    article = factories.article("How do I change the address?", by=dana, public=True)
    promotion.improve(ticket, article, by=dana)
    revision = article.write(by=dana, resolution="<p>As for Lindqvist, press it.</p>")
    assert not revision.redaction_report.is_passed
    article.write(by=dana, resolution="<p>Press it.</p>")
    article.publish(by=sam, is_anonymous=True)
    assert told() == ["maria@example.org"]


def test_the_closest_articles_come_first_internal_ones_too(ticket, dana):
    for title in ("How do I pay?", "Where is my invoice?", "My kettle leaks"):
        factories.article(title, by=dana, public=True)
    close = factories.article(
        "How do I change the address of my order?",
        by=dana,
        resolution="<p>Put in the new address.</p>",
    )
    assert promotion.similar_articles(ticket, dana)[0].article == close


def test_a_near_equal_title_is_noticed_however_it_is_put(dana):
    article = factories.article("How do I change the delivery address?", by=dana)
    for title in ("How can I change my delivery address", "Changing the delivery addresses"):
        assert promotion.nearly_the_same(title, dana) == [article]
    assert promotion.nearly_the_same("How do I change my password?", dana) == []


def test_public_contact_channels_may_be_named(ticket, dana):
    from feedback.models import ContactChannel

    ContactChannel.objects.create(kind="phone", value="0800 123 4567")
    article = written_up(ticket, dana, resolution="<p>Call 0800-1234567.</p>")
    assert article.latest_revision.redaction_report.is_passed


# --- The page ------------------------------------------------------------------------


@pytest.fixture
def page(ticket):
    return reverse("admin:feedback_ticket_write_up", args=[ticket.pk])


def posted(ticket, **changes):
    draft = promotion.draft_from(ticket)
    return {
        "title": draft.title,
        "issue": draft.issue,
        "resolution": draft.resolution,
        "environment": draft.environment,
        "category": ticket.category_id,
        "questions": "\n".join(draft.questions),
    } | changes


def test_the_page_shows_what_exists_and_the_draft(signed_in, dana, ticket, page):
    factories.article("How do I change the address of an order?", by=dana, public=True)
    shown = signed_in(dana).get(page).content.decode()
    assert "It already answers this" in shown
    assert "Change address" in shown


def test_creating_leads_to_the_report_of_what_must_go(signed_in, dana, ticket, page):
    answer = signed_in(dana).post(page, posted(ticket), follow=True)
    assert b"things to replace" in answer.content or b"One thing to replace" in answer.content
    assert b"The answer it came from" in answer.content
    assert Article.objects.get().owner == dana


def test_a_near_equal_title_asks_again_before_anything_is_kept(signed_in, dana, ticket, page):
    twin = factories.article("Change the delivery address", by=dana, public=True)
    browser = signed_in(dana)
    words = posted(ticket, title="Changing a delivery address")
    shown = browser.post(page, words)
    assert b"Is it one of these?" in shown.content
    assert list(Article.objects.all()) == [twin]
    browser.post(page, words | {"is_different": "on"})
    assert Article.objects.count() == 2


def test_one_press_links_and_one_press_improves(signed_in, dana, ticket, page):
    article = factories.article("How do I change the address?", by=dana, public=True)
    browser = signed_in(dana)
    browser.post(page, {"article": article.pk, "answer": "link"})
    assert article.ticket_links.get().relation == "solved-by"
    answer = browser.post(page, {"article": article.pk, "answer": "improve"})
    assert answer.url == reverse("admin:kb_article_change", args=[article.pk])


def test_only_who_may_promote_sees_the_page(signed_in, contributor, visitor, page):
    assert signed_in(contributor).get(page).status_code == 403
    assert visitor.get(page).status_code == 302


def test_a_colleague_without_tickets_does_not_read_the_answer_beside(
    signed_in, contributor, dana, ticket
):
    article = written_up(ticket, dana)
    url = reverse("admin:kb_article_change", args=[article.pk])
    assert b"The answer it came from" not in signed_in(contributor).get(url).content


def test_the_next_customer_finds_it_by_the_first_ones_own_words(
    ticket, dana, sam, search_index, visitor
):
    article = written_up(ticket, dana, resolution="<p>Change it under My orders.</p>")
    search_index()
    asked = reverse("portal:search") + "?q=i+moved+house+and+my+order+goes+to+the+old+flat"
    assert article.get_absolute_url() not in visitor.get(asked).content.decode()
    article.publish(by=sam, is_anonymous=True)
    search_index()
    shown = visitor.get(asked).content.decode()
    assert article.get_absolute_url() in shown
    page = visitor.get(article.get_absolute_url()).content.decode()
    for datum in ("Maria", "Lindqvist", "77812", "maria@example.org", ticket.reference):
        assert datum not in page
