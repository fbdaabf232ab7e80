"""A sample of the drill in system_calls.py: cut off or refused in the middle of one form."""

import re
import shutil

import pytest

from tests.faults import system_calls
from tests.faults.system_calls import CannotTrace, Drill

pytestmark = pytest.mark.skipif(not system_calls.can_trace(), reason="strace is not here")


@pytest.fixture(scope="module")
def drill(new_machine, tmp_path_factory):
    data_dir = shutil.copytree(new_machine, tmp_path_factory.mktemp("drill") / "var")
    with Drill(data_dir) as drill:
        drill.warm_up()
        try:
            with drill.traced("-o", "/dev/null"):
                pass
        except CannotTrace as reason:
            pytest.skip(f"nobody may look into a process here: {reason}")
        yield drill


@pytest.fixture(scope="module")
def calls(drill):
    return drill.calls()


def test_what_was_written_is_synced_before_the_answer_leaves(calls):
    """A power cut just after the thanks takes neither the rows nor the file away."""
    written, synced = {}, {}
    for place, (name, rest) in enumerate(calls):
        file = re.match(r"\d+<([^>]*)>", rest)
        if file and name in ("write", "pwrite64"):
            written[file[1]] = place
        if file and name in ("fsync", "fdatasync"):
            synced[file[1]] = place
        if name == "sendto" and "HTTP/1.1 302" in rest:
            answered = place
    kept = [path for path in written if "/attachments/" in path or path.endswith("-wal")]
    assert len(kept) == 2, written
    for path in kept:
        assert written[path] < synced[path] < answered, path
    assert any(path.endswith("/attachments") for path in synced), "and the folder knows the file"


def _the(points, name, share):
    """The point among those of this name that lies so far on the way."""
    of_name = [point for point in points if point[0] == name]
    return of_name[int((len(of_name) - 1) * share)]


@pytest.mark.parametrize(("name", "share"), [("rename", 0), ("pwrite64", 0.5), ("sendto", 1)])
def test_killed_there_the_form_sent_again_is_one_whole_request(drill, name, share):
    assert drill.kill_at(_the(list(drill.points()), name, share)) == []


@pytest.mark.parametrize(
    ("name", "share", "error"),
    [
        ("write", 0, "ENOSPC"),
        ("rename", 0, "EACCES"),
        ("fsync", 0, "EIO"),
        ("pwrite64", 0.5, "EIO"),
        ("fsync", 1, "EIO"),
    ],
)
def test_refused_there_nothing_is_saved_by_halves_and_the_words_are_kept(drill, name, share, error):
    assert drill.fail_at(_the(list(drill.points()), name, share), error) == []
