"""Files pass a malware scanner where the operator has one; without its word none is taken."""

import socketserver
import struct
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from feedback import files
from feedback.models import Attachment, Ticket

BAD = b"something bad"


class Daemon(socketserver.BaseRequestHandler):
    """Speaks clamd's protocol: reads a file in pieces, finds one word in it."""

    def handle(self):
        assert self.request.recv(10) == b"zINSTREAM\0"
        whole = b""
        while length := struct.unpack("!I", self._read(4))[0]:
            whole += self._read(length)
        answer = b"stream: Bad.Word FOUND\0" if BAD in whole else b"stream: OK\0"
        self.request.sendall(self.server.says or answer)

    def _read(self, length):
        got = b""
        while len(got) < length:
            got += self.request.recv(length - len(got))
        return got


@pytest.fixture
def scanner(settings):
    with socketserver.TCPServer(("127.0.0.1", 0), Daemon) as server:
        server.says = b""
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.SCANNER = f"127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()
        thread.join()


def upload(content):
    return SimpleUploadedFile("letter.txt", content)


def test_a_harmless_file_is_taken_whole(scanner):
    letter = upload(b"x" * 200_000)
    assert files.check(letter) == "text/plain"
    assert letter.tell() == 0, "and is read from its beginning afterwards"


def test_a_file_with_something_in_it_is_refused_by_name(scanner):
    with pytest.raises(ValidationError, match=r"letter\.txt"):
        files.check(upload(b"a" * 100_000 + BAD))


@pytest.mark.parametrize("says", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: \0"])
def test_a_scanner_that_says_neither_is_no_leave(scanner, says):
    scanner.says = says
    with pytest.raises(ValidationError, match="a little later"):
        files.check(upload(b"hello"))


@pytest.mark.django_db
def test_without_the_scanners_word_no_file_is_taken_and_the_words_are_kept(visitor, settings):
    settings.SCANNER = "/nowhere/clamd.ctl"
    fields = {"kind": "question", "body": "My kettle leaks.", "email": "maria@example.org"}
    page = visitor.post("/ask/", fields | {"attachments": upload(b"hello")})
    assert page.status_code == 422
    assert "My kettle leaks." in page.content.decode()
    assert "a little later" in page.content.decode()
    assert (Ticket.objects.count(), Attachment.objects.count()) == (0, 0)


def test_where_there_is_none_nobody_is_asked(settings):
    settings.SCANNER = ""
    assert files.check(upload(BAD)) == "text/plain"
