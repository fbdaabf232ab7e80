"""A database that is gone or damaged is said aloud, never replaced by an empty one."""

from tests.processes import environment, manage


def test_a_missing_database_is_not_replaced_by_an_empty_one(data_dir):
    (data_dir / "attachments").mkdir(exist_ok=True)
    (data_dir / "attachments" / "photo.jpg").write_bytes(b"a customer's")
    for file in data_dir.glob("db.sqlite3*"):
        file.unlink()
    refused = manage(environment(data_dir), "prepare", check=False)
    assert refused.returncode == 1
    assert "is missing while its attachments are here" in refused.stderr
    assert not (data_dir / "db.sqlite3").exists()


def test_an_empty_one_that_somebody_has_opened_meanwhile_is_as_good_as_missing(data_dir):
    (data_dir / "attachments").mkdir(exist_ok=True)
    (data_dir / "attachments" / "photo.jpg").write_bytes(b"a customer's")
    for file in data_dir.glob("db.sqlite3*"):
        file.unlink()
    manage(environment(data_dir), "migrate", "--plan", check=False)
    assert (data_dir / "db.sqlite3").exists()
    refused = manage(environment(data_dir), "prepare", check=False)
    assert refused.returncode == 1
    assert "is missing while its attachments are here" in refused.stderr


def test_a_damaged_database_is_named_and_not_touched(data_dir):
    database = data_dir / "db.sqlite3"
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 200_000)
    before = database.read_bytes()
    refused = manage(environment(data_dir), "prepare", check=False)
    assert refused.returncode == 1
    assert "is damaged" in refused.stderr
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_named(data_dir):
    (data_dir / "db.sqlite3").write_bytes(b"nothing of the kind" * 1000)
    refused = manage(environment(data_dir), "prepare", check=False)
    assert refused.returncode == 1
    assert "is damaged" in refused.stderr
