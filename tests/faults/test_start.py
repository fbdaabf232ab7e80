"""A start that is not to be says why, in words."""

import socket
import subprocess
import sys

import pytest

from tests.processes import HOME, environment, manage


def test_without_a_secret_key_the_one_line_says_what_is_missing(tmp_path):
    env = environment(tmp_path)
    del env["SECRET_KEY"]
    refused = manage(env, "migrate", check=False)
    assert refused.returncode == 1
    (line,) = refused.stderr.strip().splitlines()
    assert "SECRET_KEY is not set" in line


def run(env):
    """`make run` behind make, which ends at once because it is refused."""
    return subprocess.run(
        [sys.executable, "run.py"],
        cwd=HOME,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_port_in_use_is_named_before_anything_is_promised(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = run(environment(tmp_path / "var", PORT=str(port)))
    assert refused.returncode == 1
    assert f"port {port}" in refused.stdout
    assert "answers at" not in refused.stdout
    assert not (tmp_path / "var").exists(), "and nothing was begun"


@pytest.mark.parametrize("port", ["eighty", "80000"])
def test_a_port_that_is_none_is_named(tmp_path, port):
    refused = run(environment(tmp_path / "var", PORT=port))
    assert refused.returncode == 1
    assert port in refused.stdout
