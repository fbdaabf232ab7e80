"""Help in other languages than English: stems, accents, elisions, and texts without spaces."""

import pytest

from kb.models import Article
from kb.search import analysis, search, snippets
from tests import factories


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("l'adresse", ["adresse"]),
        ("L’adresse qu’il faut", ["adresse", "il", "faut"]),
        ("dell'ordine", ["ordine"]),
        ("I don't, we can't, O'Reilly's", ["i", "dont", "we", "cant", "oreilly"]),
        ("Rück­sendung", ["ruck", "sendung"]),
        ("Straße", ["strasse"]),
        ("ΧΡΉΜΑΤΑ", ["χρηματα"]),
        ("عُنْوان", ["عنوان"]),
        ("ｺｰﾋｰ", ["コー", "ーヒ", "ヒー"]),
        ("型号E-1042", ["型号", "e", "1042", "e1042"]),
    ],
)
def test_words_are_what_people_type(text, words):
    assert analysis.words(text) == words


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("请修改地址。", "地址", "请修改<mark>地址</mark>。"),
        ("送货地址", "送货地址", "<mark>送货地址</mark>"),
        ("コーヒーBrioも", "Brio", "コーヒー<mark>Brio</mark>も"),
        ("changez l'adresse", "adresse", "changez <mark>l&#x27;adresse</mark>"),
    ],
)
def test_only_what_was_asked_is_marked(text, asked, marked):
    assert snippets.highlight(text, frozenset(analysis.terms(asked)), "fr") == marked


@pytest.mark.django_db
def test_each_article_is_found_in_its_own_language(search_index):
    shelf = [
        ("de", "Rücksendung", "<p>Bestellungen senden Sie zurück.</p>", "ruecksendungen"),
        ("fr", "Modifier l’adresse", "<p>Avant l'expédition.</p>", "adresses"),
        ("ar", "تغيير العنوان", "<p>قبل شحن الطلب.</p>", "العُنْوان"),
        ("ja", "返品と返金", "<p>商品は返品できます。</p>", "返品したい"),
        ("zh-hans", "修改送货地址", "<p>发货前。</p>", "送货地址怎么改"),
    ]
    for language, title, text, _ in shelf:
        article = factories.article(title, public=True, resolution=text)
        Article.objects.filter(pk=article.pk).update(language=language)
    search_index()
    found = {asked: search(asked) for *_, asked in shelf}
    assert {asked: page.hits[0].article.title for asked, page in found.items()} == {
        asked: title for _, title, _, asked in shelf
    }
    assert not any(page.is_fallback for page in found.values())
