"""Haystack's Solr path up to the wire: pysolr speaks HTTP with a stand-in that holds documents.

The stand-in reads the few forms of a query that we send; it is no Solr, and what only a Solr can
tell (its ranking, its reading of our schema) is not proved here.
"""

import json
import re
import threading
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import haystack
import pytest
from django.core.management import call_command
from haystack.query import SearchQuerySet

from kb.models import IndexChange, Synonym
from kb.search import keeping, search, similar
from tests import factories

pytest.importorskip("pysolr")
from kb.search import solr

pytestmark = pytest.mark.django_db

CLAUSE = re.compile(r'(\w+):(?:"([^"]*)"|(\w+)\*)(?:\^([\d.]+))?')
REQUIRED = re.compile(r"\+\(([^)]*)\)")


class StandIn:
    """Two cores that hold what they are sent, show it after a commit, and remember who asked."""

    def __init__(self):
        self.sent, self.shown = defaultdict(dict), defaultdict(dict)
        self.asked = []
        self.collations = None

    def update(self, core, body, is_commit):
        if body.startswith("<"):
            for gone in ElementTree.fromstring(body).iter("id"):
                self.sent[core].pop(gone.text, None)
        else:
            self.sent[core] |= {held["id"]: held for held in json.loads(body)}
        if is_commit:
            self.shown[core] = dict(self.sent[core])
        return {}

    def select(self, core, asked):
        query = asked["q"][0]
        documents = list(self.shown[core].values())
        if query == "id:mark":
            found = [held for held in documents if held["id"] == "mark"]
        elif query == "django_ct:kb.article":
            found = [held for held in documents if held["django_ct"] == "kb.article"]
        else:
            self.asked.append((core, asked))
            scored = [held | {"score": _score(held, query)} for held in documents]
            found = sorted((held for held in scored if held["score"]), key=lambda h: -h["score"])
            for kept in asked.get("fq", ()):
                name, wanted = re.fullmatch(r"(\w+):\((.*)\)", kept).groups()
                found = [held for held in found if str(held[name]) in wanted.split(" OR ")]
        start = int(asked.get("start", ["0"])[0])
        shown = found[start : start + int(asked.get("rows", ["10"])[0])]
        answer = {"response": {"numFound": len(found), "docs": shown}}
        if "cursorMark" in asked:
            answer["nextCursorMark"] = "*"
        if self.collations:
            answer["spellcheck"] = {"collations": self.collations}
        return answer

    @property
    def query(self):
        return self.asked[-1][1]["q"][0]


def _score(held, query):
    def points(clauses):
        return sum(
            float(boost or 1)
            for name, phrase, beginning, boost in CLAUSE.findall(clauses)
            if (phrase and f" {phrase} " in f" {_text(held, name)} ")
            or (beginning and f" {beginning}" in f" {_text(held, name)}")
        )

    required = REQUIRED.findall(query)
    if required and not all(points(clauses) for clauses in required):
        return 0
    return points(query)


def _text(held, name):
    value = held.get(name, "")
    return " ".join(value) if isinstance(value, list) else str(value)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self, body=""):
        address = urlsplit(self.path)
        _, core, verb = address.path.strip("/").split("/")
        asked = parse_qs(address.query)
        if verb == "update":
            answer = self.server.solr.update(core, body, asked.get("commit") == ["true"])
        else:
            answer = self.server.solr.select(core, asked or parse_qs(body))
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self):
        self.do_GET(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def connected(url):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solr.Backend, "_silent_until", 0.0)
        patch.setattr(haystack.connections.thread_local, "connections", {})
        for alias, name in (("default", "askwell_public"), ("staff", "askwell_staff")):
            info = {"ENGINE": "kb.search.solr.Engine", "URL": f"{url}/{name}"}
            patch.setitem(haystack.connections.connections_info, alias, info)
        yield


def nobody_answers():
    return connected("http://127.0.0.1:1/solr")


@pytest.fixture
def core(server):
    server.solr = StandIn()
    with connected(f"http://127.0.0.1:{server.server_port}/solr"):
        yield server.solr


@pytest.fixture
def shelf(core):
    returns, paying = factories.category("Returns"), factories.category("Paying")
    made = {
        title: factories.article(title, public=True, category=shelf, resolution=f"<p>{text}</p>")
        for title, shelf, text in (
            ("Send a parcel back", returns, "Print the label."),
            ("Where is my parcel", returns, "Follow the number."),
            ("Pay by card", paying, "Cards of all banks & savings."),
        )
    }
    factories.article("Which parcels we keep", category=returns, resolution="<p>Parcel rules</p>")
    keeping.apply_changes()  # fills the cores,
    keeping.apply_changes()  # and looks back once
    return made


def titles(results):
    return [hit.article.title for hit in results]


# --- Asking ------------------------------------------------------------------------------


def test_the_server_finds_and_the_database_shows(shelf, core):
    results = search("paying with cards")
    assert titles(results) == ["Pay by card"]
    assert not results.is_fallback
    assert results.total == 1
    assert results.hits[0].title == "<mark>Pay</mark> by <mark>card</mark>"
    assert "<mark>Cards</mark> of all banks &amp; savings." in results.hits[0].snippet


def test_each_term_is_sent_with_what_its_field_weighs(shelf, core):
    search("cards")
    assert core.query == '+(text:"card"^1 title:"card"^1 questions:"card"^1.5 words:"cards"^1.25)'


def test_question_words_count_a_quarter_and_find_nothing_alone(shelf, core):
    assert titles(search("where cards")) == ["Pay by card"]
    finding, _, adding = core.query.partition(") ")
    assert "where" not in finding
    assert adding == 'text:"where"^0.25 title:"where"^0.25 questions:"where"^0.375'
    assert titles(search("where is")) == ["Where is my parcel"]


def test_visitors_and_colleagues_ask_different_cores(shelf, core, dana):
    assert len(search("parcel")) == 2
    assert core.asked[-1][0] == "askwell_public"
    assert len(search("parcel", dana)) == 3
    assert core.asked[-1][0] == "askwell_staff"


def test_what_the_database_no_longer_shows_is_not_shown(shelf, core):
    type(shelf["Pay by card"]).objects.filter(title="Pay by card").update(audience="internal")
    assert titles(search("card")) == []


def test_synonyms_and_pins_are_at_work_at_once(shelf, core):
    Synonym.objects.create(words="plastic, card")
    assert titles(search("plastic")) == ["Pay by card"]
    assert 'text:"card"^0.7' in core.query
    shelf["Where is my parcel"].pins.create(words="plastic")
    assert titles(search("plastic")) == ["Where is my parcel", "Pay by card"]


@pytest.mark.parametrize(
    "typed", ["text:* OR *:*", "[* TO *]", "{!func}1", "card^99 && !parcel", 'x" OR id:"mark', "\\"]
)
def test_what_a_visitor_types_stays_words(shelf, core, typed):
    search(typed, exact=True)
    for _, asked in core.asked:
        bare = CLAUSE.sub("", asked["q"][0])
        assert set(bare) <= set("+() ")


def test_a_long_question_stays_below_what_solr_refuses(shelf, core, monkeypatch):
    monkeypatch.setattr(solr, "CLAUSES", 10)
    assert "Pay by card" in titles(search("card where parcel label number"))
    assert len(CLAUSE.findall(core.query)) == 10


def test_a_shelf_and_a_page_are_asked_for(shelf, core):
    returns = shelf["Send a parcel back"].category
    assert titles(search("parcel card", category=returns, per_page=1, page=2)) == [
        "Where is my parcel"
    ]
    asked = core.asked[-1][1]
    assert f"category:({returns.pk})" in asked["fq"]
    assert (asked["start"], asked["rows"]) == (["1"], ["1"])


@pytest.mark.parametrize(
    "collations",  # as Solr has told them over the years
    [
        ["collation", "card"],
        {"collation": "card"},
        ["collation", {"collationQuery": "card", "hits": 1}],
    ],
)
def test_unknown_words_are_repaired_and_the_visitor_is_told(shelf, core, collations):
    core.collations = collations
    results = search("crad ")
    assert core.asked[0][1]["spellcheck.q"] == ["crad"]
    assert (results.corrected, results.corrected_from) == ("card ", "crad ")
    assert titles(results) == ["Pay by card"]
    assert titles(search("crad ", exact=True)) == []


def test_a_word_further_off_is_another_word(shelf, core):
    core.collations = ["collation", "card"]
    assert search("crude ").corrected is None


def test_another_form_of_a_known_word_is_no_misspelling(shelf, core):
    core.collations = ["collation", "labels"]
    results = search("labeled ")
    assert results.corrected is None
    assert titles(results) == ["Send a parcel back"]


def test_a_word_still_being_typed_is_completed(shelf, core):
    assert titles(search("ban")) == ["Pay by card"]
    assert titles(search("ban ")) == []


def test_quoted_words_stand_side_by_side_or_the_quotes_are_set_aside(shelf, core):
    assert titles(search('"my parcel"')) == ["Where is my parcel"]
    assert len(search('"parcel my"')) == 2


def test_similar_articles(shelf, core):
    assert titles(similar(shelf["Send a parcel back"])) == ["Where is my parcel"]
    assert titles(similar("My card! The card of my bank.")) == ["Pay by card"]


def test_haystacks_own_queries_are_read_with_our_terms(shelf, core):
    SearchQuerySet().filter(content="cards OR *:*").count()
    assert core.query == "(card OR or)"


# --- Following -------------------------------------------------------------------------


def test_changes_reach_both_cores_and_the_mark_lies_beside_them(shelf, core):
    article = shelf["Pay by card"]
    article.audience = "internal"
    article.save()
    assert keeping.apply_changes() == 2  # one article, two cores
    assert f"kb.article.{article.pk}" not in core.shown["askwell_public"]
    assert f"kb.article.{article.pk}" in core.shown["askwell_staff"]
    newest = IndexChange.objects.latest("pk").pk
    assert {held["mark"]["mark"] for held in core.shown.values()} == {newest}
    assert keeping.apply_changes() == 0


def test_an_article_is_sent_as_terms_with_its_title_three_times(shelf, core):
    sent = core.shown["askwell_public"][f"kb.article.{shelf['Pay by card'].pk}"]
    assert sent["text"].split()[:9] == ["pay", "by", "card"] * 3
    assert "cards" in sent["words"].split()
    assert sent["title"] == "pay by card"


def test_what_slipped_past_is_mended(shelf, core):
    held = core.sent["askwell_public"]
    del held[f"kb.article.{shelf['Pay by card'].pk}"]
    held["kb.article.999999"] = {
        "id": "kb.article.999999",
        "django_ct": "kb.article",
        "article": 999999,
        "stamp": 1,
    }
    core.shown["askwell_public"] = dict(held)
    assert keeping.compare_and_mend() == 2
    assert titles(search("card")) == ["Pay by card"]
    assert "kb.article.999999" not in core.shown["askwell_public"]


def test_an_emptied_core_is_filled_anew(shelf, core):
    core.sent.clear()
    core.shown.clear()
    assert keeping.apply_changes() == 3 + 4
    assert titles(search("card")) == ["Pay by card"]


def test_rebuilding_shows_nothing_half_done(shelf, core, capsys):
    core.sent["askwell_public"]["kb.article.7777777"] = core.shown["askwell_public"][
        "kb.article.7777777"
    ] = {"id": "kb.article.7777777", "django_ct": "kb.article", "article": 7777777, "stamp": 1}
    call_command("rebuild_index", interactive=False)
    assert "default: 3 articles" in capsys.readouterr().out
    assert "kb.article.7777777" not in core.shown["askwell_public"]


# --- Trouble ---------------------------------------------------------------------------


def test_without_its_server_the_database_answers(shelf, core, caplog):
    with nobody_answers():
        results = search("mysecretword card")
        assert results.is_fallback
        assert titles(results) == ["Pay by card"]
        assert titles(similar(shelf["Send a parcel back"])) == ["Where is my parcel"]
    assert "The search server did not answer" in caplog.text
    assert "mysecretword" not in caplog.text


def test_a_server_that_did_not_answer_is_left_alone_for_a_while(shelf, core, monkeypatch):
    with nobody_answers():
        search("card")
        asked = []
        monkeypatch.setattr(solr.Backend, "search", lambda *args, **kwargs: asked.append(args))
        assert search("card").is_fallback
    assert not asked


def test_changes_wait_for_a_server_that_is_away(shelf, core):
    shelf["Pay by card"].save()
    with nobody_answers():
        assert keeping.apply_changes() == 0
        assert keeping.compare_and_mend() == 0
    assert keeping.apply_changes() == 2


# --- The cores -----------------------------------------------------------------------------


def test_the_command_writes_both_cores(tmp_path, core, shelf):
    call_command("solr_config", tmp_path, stdout=StringIO())
    for name in ("askwell_public", "askwell_staff"):
        assert (tmp_path / name / "core.properties").read_text() == f"name={name}\n"
        schema = ElementTree.parse(tmp_path / name / "conf" / "schema.xml")
        ElementTree.parse(tmp_path / name / "conf" / "solrconfig.xml")
        known = {field.get("name") for field in schema.iter("field")}
        for held in core.shown[name].values():
            assert held.keys() <= known
