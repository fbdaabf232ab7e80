"""The index is broken for real, and nobody is left without an answer."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from django.db import transaction

from kb.models import Article, IndexChange
from kb.search import keeping, search
from kb.search.door import ranking_for
from kb.search.questions import understand
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(search_index):
    made = factories.article("Get an invoice", public=True, resolution="<p>Under Orders.</p>")
    search_index()
    return made


def found(text="invoice"):
    results = search(text)
    return results.is_fallback, [hit.article.title for hit in results]


def files(index_folder):
    return [path for path in (index_folder / "default").rglob("*") if path.is_file()]


def arrays_of(index_folder):
    return next((index_folder / "default").rglob("arrays_*"))


def test_without_any_index_the_database_answers(index_folder):
    factories.article("Get an invoice", public=True)
    assert found() == (True, ["Get an invoice"])


def test_a_removed_folder_is_answered_by_the_database_and_made_anew(shelf, index_folder):
    shutil.rmtree(index_folder / "default")
    assert found() == (True, ["Get an invoice"])
    keeping.apply_changes()
    assert found() == (False, ["Get an invoice"])


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def zero(path):
    path.write_bytes(bytes(path.stat().st_size))


def remove(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut, zero, remove])
@pytest.mark.parametrize("which", ["CURRENT", "arrays_*", "*.seg", "*.toc"])
def test_any_damaged_file_is_survived_and_mended(shelf, index_folder, damage, which):
    assert found() == (False, ["Get an invoice"])
    damage(next((index_folder / "default").rglob(which)))
    assert found()[1] == ["Get an invoice"]
    keeping.apply_changes()
    assert found() == (False, ["Get an invoice"])
    assert all(backend.index.trouble() is None for backend in keeping.backends())


def test_a_file_that_is_cut_between_two_searches_is_answered_by_the_database(shelf, index_folder):
    found()
    os.truncate(arrays_of(index_folder), 100)
    assert found() == (True, ["Get an invoice"])


def test_a_file_that_is_cut_in_the_middle_of_a_search_ends_no_process(shelf, index_folder):
    ranking = ranking_for(None)
    os.truncate(arrays_of(index_folder), 100)
    searcher = os.fork()
    if not searcher:  # a signal of the kernel would end the tests with it
        try:
            os._exit(int(ranking.find(understand("invoice", ranking).words, 5).total != 1))
        finally:
            os._exit(1)
    assert os.waitpid(searcher, 0) == (searcher, 0)


@pytest.mark.parametrize(
    "words",
    ["", "null", "[1]", '{"store": 5}', '{"store": "1", "mark": "x"}', '{"store": "9"}',
     '{"store": "1", "segments": {"MAIN_x": ["a"]}}', '{"store": "1", "files": [1]}',
     '{"store": "1", "segments": {"MAIN_x": ["a"]}, "files": {"x": [1, 2]}}', "[" * 100_000],
)  # fmt: skip
def test_a_pointer_nobody_of_us_wrote_is_survived_and_mended(shelf, index_folder, words):
    (index_folder / "default" / "CURRENT").write_text(words)
    assert found() == (True, ["Get an invoice"])
    keeping.apply_changes()
    assert found() == (False, ["Get an invoice"])


def test_a_folder_in_the_pointers_place_makes_way(shelf, index_folder):
    (index_folder / "default" / "CURRENT").unlink()
    (index_folder / "default" / "CURRENT").mkdir()
    assert found() == (True, ["Get an invoice"])
    keeping.apply_changes()
    assert found() == (False, ["Get an invoice"])


def test_bytes_that_rot_unseen_are_found_when_the_worker_starts(shelf, index_folder):
    path = arrays_of(index_folder)
    written = path.stat()
    rotten = bytearray(path.read_bytes())
    rotten[-1] ^= 255
    path.write_bytes(rotten)
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    backend = next(keeping.backends())
    assert backend.index.trouble() is None
    assert "not what was written" in backend.index.trouble(thoroughly=True)
    backend.index.applied = None
    keeping.apply_changes()
    assert backend.index.trouble(thoroughly=True) is None


def test_a_read_only_index_still_answers_and_publishing_succeeds(shelf, index_folder, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("kb.search.store.Store.write", refuse)
    factories.article("Get a receipt", public=True)
    with pytest.raises(OSError, match="Read-only"):
        keeping.apply_changes()
    assert found("invoice") == (False, ["Get an invoice"])
    monkeypatch.undo()


def test_a_change_that_is_rolled_back_leaves_no_note(shelf):
    before = IndexChange.objects.count()
    with transaction.atomic():
        factories.article("Never was", public=True)
        assert IndexChange.objects.count() > before
        transaction.set_rollback(True)
    assert IndexChange.objects.count() == before


def test_what_was_changed_behind_our_back_is_mended(shelf):
    Article.objects.filter(pk=shelf.pk).update(audience="internal")
    other = factories.article("Other")
    IndexChange.objects.all().delete()
    assert keeping.compare_and_mend() > 0
    for backend in keeping.backends():
        assert keeping.index_state(backend) == keeping.database_state(backend)
    assert found()[1] == []
    assert other.pk in keeping.index_state(list(keeping.backends())[1])


def test_a_writer_that_died_before_its_state_was_served_is_taken_over(shelf, monkeypatch):
    factories.article("Get a receipt", public=True)
    with monkeypatch.context() as patched:
        patched.setattr("kb.search.store.Index._serve", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keeping.apply_changes()
    assert found("receipt") == (False, [])
    assert next(keeping.backends()).index.trouble() is not None
    keeping.apply_changes()
    assert found("receipt") == (False, ["Get a receipt"])
    backend = next(keeping.backends())
    assert sorted(keeping.index_state(backend)) == sorted(keeping.database_state(backend))


WRITER = """
import os, sys
os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "SECRET_KEY": "x"}
os.environ["DATA_DIR"] = sys.argv[1]
import django; django.setup()
from pathlib import Path
from collections import Counter
from kb.search import schema
from kb.search.backend import RankedIndex
index = RankedIndex(Path(sys.argv[1]) / "index", schema.make)
if not index.exists():
    index.switch_to(index.start_anew(), mark=0)
print("ready", flush=True)
number = index.mark
while True:
    number += 1
    index.apply([{
        "id": f"kb.article.{number}", "django_ct": "kb.article", "django_id": str(number),
        "language": "en", "article": number, "stamp": number,
        "text": Counter(["word"]), "title": Counter([f"n{number}"]), "questions": Counter(),
        "words": Counter(["word"]),
    }], mark=number)
    index.tidy()
    print(number, flush=True)
"""


def test_kill_9_while_writing_loses_nothing_that_was_applied(tmp_path):
    from kb.search import schema
    from kb.search.backend import RankedIndex

    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        applied = 0
        assert writer.stdout.readline() == "ready\n"
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            applied = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        applied = max([applied, *map(int, writer.stdout.read().split())])
        writer.stdout.close()
        index = RankedIndex(tmp_path / "index", schema.make)
        generation = index.reader.current()
        held = sorted(generation.column("article")[generation_alive(generation)].tolist())
        assert index.mark >= applied
        assert held == list(range(1, index.mark + 1))


def generation_alive(generation):
    import numpy as np

    alive = np.ones(generation.count, bool)
    for part in generation.segments:
        if part.alive is not None:
            alive[part.start : part.stop] = part.alive
    return alive
