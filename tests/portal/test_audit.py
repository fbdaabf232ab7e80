"""The audit trail: complete, unchangeable through the house, and verifiable."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal import audit
from portal.models import AuditEntry, TrailEnd, WrittenOnce
from tests import factories

pytestmark = pytest.mark.django_db


def actions():
    return list(AuditEntry.objects.order_by("number").values_list("action", "outcome"))


def tamper(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def three_entries():
    for n in range(3):
        audit.record("export", target=f"feedback.customer {n}", rows=n)


def test_signing_in_and_failing_to_are_written_down(client):
    factories.staff("dana", "CSR", password="a kettle on a mountain")
    AuditEntry.objects.count()
    before = AuditEntry.objects.count()
    client.post("/admin/login/", {"username": "dana", "password": "wrong"})
    client.post("/admin/login/", {"username": "dana", "password": "a kettle on a mountain"})
    client.post("/admin/logout/")
    assert actions()[before:] == [("sign-in", "refused"), ("sign-in", "done"), ("sign-out", "done")]


def test_a_try_at_an_account_names_it_by_its_number_also_where_the_address_was_typed(client):
    dana = factories.staff("dana", "CSR")
    client.post("/admin/login/", {"username": "Dana@askwell.example", "password": "wrong"})
    assert AuditEntry.objects.first().target == f"portal.user {dana.pk}"


def test_a_password_typed_into_the_name_field_is_not_kept(client):
    client.post("/admin/login/", {"username": "my secret words", "password": "dana"})
    entry = AuditEntry.objects.get()
    assert "secret" not in f"{entry.target} {entry.details}"


def test_a_change_in_the_admin_names_the_object_and_the_fields(client, admin_client, dana):
    admin_client.post(
        f"/admin/portal/user/{dana.pk}/change/",
        {"username": "dana", "email": "dana@askwell.example", "first_name": "Diana", "is_staff": 1},
    )
    entry = AuditEntry.objects.get(action="change")
    assert entry.target == f"portal.user {dana.pk}"
    assert "Diana" not in str(entry.details)


def test_a_change_of_role_is_written_down(dana):
    before = AuditEntry.objects.filter(action="role").count()
    dana.groups.clear()
    assert AuditEntry.objects.filter(action="role").count() == before + 1


@pytest.mark.usefixtures("three_entries")
def test_a_whole_trail_verifies(capsys):
    call_command("verify_audit")
    assert "3 entries" in capsys.readouterr().out


@pytest.mark.usefixtures("three_entries")
def test_no_entry_can_be_changed_or_removed_through_the_house():
    entry = AuditEntry.objects.first()
    with pytest.raises(WrittenOnce):
        entry.save()
    with pytest.raises(WrittenOnce):
        entry.delete()
    with pytest.raises(WrittenOnce):
        AuditEntry.objects.update(action="nothing")
    with pytest.raises(WrittenOnce):
        AuditEntry.objects.all().delete()


@pytest.mark.usefixtures("three_entries")
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE portal_auditentry SET outcome = 'refused' WHERE number = 2", "Entry 2 is not"),
        ("DELETE FROM portal_auditentry WHERE number = 2", "2 to 2 are missing"),
        ("DELETE FROM portal_auditentry WHERE number = 3", "3 were written"),
    ],
)
def test_what_was_changed_behind_our_back_is_found(sql, words):
    tamper(sql)
    with pytest.raises(CommandError, match=words):
        call_command("verify_audit")


def cut_short(to):
    """Take the last entries, and let the trail say that it ended before them."""
    tamper(f"DELETE FROM portal_auditentry WHERE number > {to}")
    tamper(
        f"UPDATE portal_trailend SET length = {to}, "
        f"seal = (SELECT seal FROM portal_auditentry WHERE number = {to})"
    )


@pytest.mark.usefixtures("three_entries")
@pytest.mark.parametrize("then", [0, 1, 5])
def test_a_trail_cut_short_is_found_however_it_goes_on(then):
    cut_short(2)
    for _entry in range(then):
        audit.record("export")
    with pytest.raises(CommandError, match="cut it short"):
        call_command("verify_audit")


@pytest.mark.usefixtures("three_entries")
@pytest.mark.parametrize("proof", ["proof = ''", "proven = 2", "proven = 0, proof = ''"])
def test_no_proof_is_no_proof(proof):
    cut_short(2)
    tamper(f"UPDATE portal_trailend SET {proof}")
    with pytest.raises(CommandError, match="cut it short"):
        call_command("verify_audit")


@pytest.mark.usefixtures("three_entries")
def test_a_trail_whose_key_changes_or_that_an_older_release_goes_on_with_is_whole(settings):
    end = TrailEnd.objects.get()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough to be one, and never used elsewhere"
    audit.record("export")
    # The release before this one knows of no proof.
    TrailEnd.objects.update(proven=end.proven, proof=end.proof)
    call_command("verify_audit", stdout=StringIO())
    audit.record("export")
    call_command("verify_audit", stdout=StringIO())
    assert TrailEnd.objects.get().proven == 5


def test_nobody_gets_a_form_to_change_the_trail(admin_client):
    entry = audit.record("export")
    address = f"/admin/portal/auditentry/{entry.pk}/"
    assert admin_client.get("/admin/portal/auditentry/").status_code == 200
    assert b'name="_save"' not in admin_client.get(f"{address}change/").content
    assert admin_client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{address}change/", {"action": "x"}).status_code == 403


def test_opening_a_ticket_is_written_down_and_a_list_is_not(signed_in, dana):
    ticket = factories.ticket()
    client = signed_in(dana)
    client.get("/admin/feedback/ticket/")
    client.get(f"/admin/feedback/ticket/{ticket.pk}/change/")
    entry = AuditEntry.objects.get(action="view")
    assert (entry.actor, entry.target) == (dana, f"feedback.ticket {ticket.pk}")


def test_a_persons_data_going_out_and_going_away_is_written_down_without_the_person(customer):
    factories.ticket(customer=customer)
    call_command("export_customer", customer.email, stdout=StringIO())
    call_command("erase_customer", customer.email, "--dry-run", stdout=StringIO())
    call_command("erase_customer", customer.email, stdout=StringIO())
    target = f"feedback.customer {customer.pk}"
    entries = AuditEntry.objects.order_by("number").values_list("action", "target", "details")
    assert list(entries) == [("export", target, {}), ("erase", target, {})]
