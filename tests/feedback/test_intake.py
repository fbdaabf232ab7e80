"""What customers bring comes in whole and once, with the time they will hear from us."""

import io
import struct
import zipfile
import zlib
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone
from PIL import Image

from feedback import files, intake, mail
from feedback.intake import Contact, submit
from feedback.models import Attachment, Customer, Message, OutboundEmail, Promise, Ticket
from kb import images

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }


def contact(**fields):
    return Contact(**{"email": "maria@example.org", "body": "The kettle leaks."} | fields)


def picture(name="leak.png", kind="PNG", size=(8, 8)):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, kind)
    return SimpleUploadedFile(name, out.getvalue())


def stored_files():
    return list(files._all_stored())


# --- Once and whole -----------------------------------------------------------


def test_the_same_form_sent_again_is_the_same_ticket():
    first = submit(contact(), key="k1", files=[picture()])
    again = submit(contact(), key="k1", files=[picture()])
    assert again == first
    assert Message.objects.filter(direction="in").count() == 1
    assert Promise.objects.count() == OutboundEmail.objects.count() == 1
    assert len(stored_files()) == Attachment.objects.count() == 1


def test_the_words_searched_for_are_kept_without_the_name_and_number_of_who_searched():
    ticket = submit(
        contact(name="Zoe Quinn", order_number="AB-7", search_words="quinn zoë kettle ab-7 leaks")
    )
    assert ticket.search_words.split() == ["…", "kettle", "…", "leaks"]


def test_two_true_visits_with_the_same_words_stay_two():
    assert submit(contact(), key="k1") != submit(contact(), key="k2")


def test_without_a_key_the_same_words_within_ten_minutes_are_the_same(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    first = submit(contact(email="Maria@Example.org "))
    assert submit(contact()) == first
    assert submit(contact(email="tom@example.org")) != first
    time_machine.shift(timedelta(minutes=11))
    assert submit(contact()) != first


def test_other_words_under_the_same_key_are_added_and_not_lost():
    first = submit(contact(), key="k1")
    again = submit(contact(body="The kettle leaks. And the lid is loose."), key="k1")
    assert again == first
    assert first.messages.get(type="addition").body == "The kettle leaks. And the lid is loose."


def test_a_key_opens_nothing_to_a_stranger():
    first = submit(contact(), key="k1")
    other = submit(contact(email="eve@example.org", body="Let me in"), key="k1")
    assert other != first
    assert other.customer.email == "eve@example.org"
    assert not first.messages.filter(body="Let me in").exists()


def test_what_fails_halfway_leaves_nothing(monkeypatch):
    def full(*args, **kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr(mail, "queue_message", full)
    with pytest.raises(OSError, match="No space"):
        submit(contact(), key="k1", files=[picture()])
    assert not Ticket.objects.exists()
    assert not Customer.objects.exists()
    assert stored_files() == []


def test_who_is_quicker_with_the_same_key_wins_and_the_other_gets_their_ticket(monkeypatch):
    first = submit(contact(), key="k1")

    def too_late(*args, **kwargs):
        monkeypatch.undo()
        raise IntegrityError("submission_key")

    monkeypatch.setattr(intake, "_already_here", lambda *_: None)
    monkeypatch.setattr(intake, "open_ticket", too_late)
    assert submit(contact(), key="k1", files=[picture()]) == first
    assert stored_files() == []


def test_original_words_are_kept_to_the_letter():
    body = "  L'été\r\nש‏לום 😀\t" + "x" * 99_000
    ticket = submit(contact(body=body))
    assert ticket.messages.get(type="original").body == body


def test_a_telephone_call_without_an_address_is_a_ticket_without_a_mail():
    ticket = submit(Contact(body="She called.", name="Maria", phone="0800", channel="phone"))
    assert ticket.promises.get().kind == "first-reply"
    assert not OutboundEmail.objects.exists()
    assert Ticket.objects.count() == 1


def test_a_number_on_file_is_not_changed_by_whoever_fills_the_form():
    submit(contact(phone="0800 111", name="Maria"))
    submit(contact(phone="0900 666", name="Eve", preferred_channel="phone", body="Call me"))
    customer = Customer.objects.get()
    assert (customer.phone, customer.name) == ("0800 111", "Maria")
    assert customer.preferred_channel == "phone"


# --- The first date -----------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-23T13:05", "2026-11-23T14:30"),  # the next round today
        ("2026-11-23T14:10", "2026-11-23T17:00"),  # too close to the round to read it
        ("2026-11-28T22:00", "2026-11-30T09:30"),  # Saturday night
        ("2026-11-23T16:45", "2026-11-24T09:30"),
    ],
)
def test_the_first_reply_is_promised_for_a_round_that_leaves_time_to_read(time_machine, at, due):
    zone = timezone.get_default_timezone()
    time_machine.move_to(datetime.fromisoformat(at).replace(tzinfo=zone), tick=False)
    ticket = submit(contact())
    assert timezone.localtime(ticket.first_reply_due).isoformat()[:16] == due
    assert ticket.promises.get().due_at == ticket.first_reply_due
    assert due[11:] in ticket.messages.get(type="acknowledgement").body


def test_whoever_writes_at_night_reads_when_we_are_back(time_machine):
    zone = timezone.get_default_timezone()
    time_machine.move_to(datetime(2026, 11, 28, 22, tzinfo=zone), tick=False)
    words = submit(contact()).messages.get(type="acknowledgement").body
    assert "We are back on Monday 30 November, 09:00, and you will hear from us by" in words


def test_who_writes_in_capitals_with_exclamation_marks_comes_first():
    calm = submit(contact(body="Where is my parcel?"))
    upset = submit(contact(body="WHERE IS MY PARCEL? THIS IS UNACCEPTABLE!!!", kind="complaint"))
    assert upset.situation == Ticket.Situation.UPSET
    assert (calm.priority, upset.priority) == (Ticket.Priority.NORMAL, Ticket.Priority.UPSET)


# --- Files --------------------------------------------------------------------


def archive(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("note.txt", b"hello"),
        ("list.csv", "a;b\nü".encode()),
        ("bill.pdf", b"%PDF-1.7 ..."),
        ("letter.docx", archive("[Content_Types].xml", "word/document.xml")),
        ("LETTER.DOCX", archive("word/document.xml")),
    ],
)
def test_files_that_are_what_they_say_are_welcome(name, content):
    ticket = submit(contact(), files=[SimpleUploadedFile(name, content)])
    attachment = Attachment.objects.get(message__ticket=ticket)
    assert attachment.name == name
    assert name.rpartition(".")[0] not in attachment.file.name
    with default_storage.open(attachment.file.name) as kept:
        assert kept.read() == content


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("virus.exe", b"MZ", "type we do not open"),
        ("page.html", b"<script>", "type we do not open"),
        ("drawing.svg", b"<svg/>", "type we do not open"),
        ("virus.png", b"MZ\x90\x00", "does not look like a png"),
        ("virus.pdf", b"MZ", "does not look like a pdf"),
        ("macro.docx", archive("evil.bin"), "does not look like a docx"),
        ("binary.txt", b"a\x00b", "does not look like a txt"),
        ("nothing.txt", b"", "is empty"),
        ("none", b"x", "type we do not open"),
    ],
)
def test_files_that_are_not_are_refused_by_name(name, content, says):
    with pytest.raises(ValidationError, match=says) as refusal:
        files.check_all([SimpleUploadedFile(name, content)])
    assert name in refusal.value.messages[0]


def test_too_many_too_large_and_too_wide_are_refused(monkeypatch):
    with pytest.raises(ValidationError, match="at most 10"):
        files.check_all([picture() for _ in range(11)])
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    with pytest.raises(ValidationError, match="too large"):
        files.check_all([picture()])
    monkeypatch.undo()
    monkeypatch.setattr(images, "MAX_PIXELS", 63)
    with pytest.raises(ValidationError, match="very large picture"):
        files.check_all([picture(size=(8, 8))])
    monkeypatch.setattr(images, "MAX_PIXELS", 64)
    monkeypatch.setattr(files, "MAX_PIXELS_TOGETHER", 192)
    files.check_all([picture(size=(8, 8)) for _ in range(3)])
    with pytest.raises(ValidationError, match="together"):
        files.check_all([picture(size=(8, 8)) for _ in range(4)])


@pytest.mark.parametrize("side", [7_100, 10_000, 60_000])
def test_a_picture_that_says_more_points_than_we_decode_is_not_decoded(side):
    parts = {b"IHDR": struct.pack(">II5B", side, side, 8, 2, 0, 0, 0), b"IDAT": b"", b"IEND": b""}
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )
    with pytest.raises(ValidationError, match="very large picture"):
        files.check_all([SimpleUploadedFile("a.png", bomb)])


def test_a_picture_painted_over_and_over_is_not_decoded(monkeypatch):
    """Some seventy bytes more make a decoder go over every point of a JPEG once more."""
    out = io.BytesIO()
    Image.new("L", (64, 64)).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    files.check_all([SimpleUploadedFile("a.jpg", whole)])
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    bomb = whole[:-2] + scan * images.MAX_SCANS + whole[-2:]
    decoded = []
    monkeypatch.setattr(Image.Image, "load", lambda image: decoded.append(image))
    with pytest.raises(ValidationError, match="does not look like"):
        files.check_all([SimpleUploadedFile("a.jpg", bomb)])
    assert decoded == []


@pytest.mark.parametrize("size", ["as it is", "in 64 bits", "behind another end"])
def test_an_archive_with_more_names_than_a_letter_has_is_not_read(monkeypatch, size):
    monkeypatch.setattr(files, "MAX_CONTENTS", 400)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    few = out.getvalue()
    files.check_all([SimpleUploadedFile("a.docx", few)])
    with zipfile.ZipFile(out, "a") as archive:
        for n in range(9):
            archive.writestr(f"word/{n}.xml", "<w/>")
    many = out.getvalue()
    if size == "in 64 bits":
        many = few[:-22] + b"PK\6\7" + bytes(16) + few[-22:]
    elif size == "behind another end":
        many = many[:-2] + struct.pack("<H", 22) + b"PK\5\6" + bytes(18)
    opened = []
    monkeypatch.setattr(zipfile, "ZipFile", lambda upload: opened.append(upload))
    with pytest.raises(ValidationError, match="does not look like"):
        files.check_all([SimpleUploadedFile("a.docx", many)])
    assert opened == []


def test_a_file_is_looked_into_once(monkeypatch):
    looked = []
    monkeypatch.setattr(files.scanning, "is_harmless", lambda upload: looked.append(upload) or True)
    uploads = [picture()]
    files.check_all(uploads)
    submit(contact(), files=uploads)
    assert len(looked) == 1


def test_every_file_in_the_way_is_named():
    with pytest.raises(ValidationError) as refusal:
        files.check_all([SimpleUploadedFile("a.exe", b"x"), SimpleUploadedFile("b.exe", b"x")])
    assert len(refusal.value.messages) == 2


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt", "C:\\boot.txt", "a\x07b.txt", "x" * 300, "\u202egpj.txt",
        "a\u2028b.txt", "a\x00.txt", 'a"\r\nSet-Cookie: b=c.txt',
    ],
)  # fmt: skip
def test_a_name_is_only_ever_text(name):
    assert "/" not in files.clean_name(name)
    assert "\\" not in files.clean_name(name)
    assert files.clean_name(name).isprintable()
    assert len(files.clean_name(name)) <= 170


def test_files_reach_the_disk_before_the_row(monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(Ticket.objects.count()))
    submit(contact(), files=[picture()])
    assert synced
    assert set(synced) == {0}


def test_the_sweeper_takes_only_old_files_no_row_speaks_of(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    submit(contact(), files=[picture()])
    files.store([picture()])
    assert files.sweep() == 0
    assert files.sweep(timezone.now() + timedelta(hours=25)) == 1
    assert len(stored_files()) == 1


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Zoë O’Neil", "Zoë"), ("Anne-Marie", "Anne-Marie"), ("محمد بن سلمان", "محمد"),
        ("मीरा देवी", "मीरा"), ("Dr. Who", "Dr."), ("", ""), ("👩‍🚀 Zoë", ""),
        ("http://evil.example/ click", ""), ("evil.example", ""), ("{customer_name}", ""),
        ("x" * 41, ""),
    ],
)  # fmt: skip
def test_a_mail_greets_by_a_name_and_carries_no_link_in_its_place(name, greeted):
    assert Customer(name=name).greeting_name == greeted
