"""Askwell as separate processes, for what cannot be tried inside the tests' own."""

import os
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent


def environment(data_dir, **variables):
    """A machine of its own: its data, its key, the demo's freedoms."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": "only for tests",
        "DEMO": "1",
        "DEMO_PASSWORD": "a kettle on a mountain",
        "RATE_LIMITS": "off",
        **variables,
    }


def manage(env, *arguments, check=True, **kwargs):
    """Run a command of manage.py to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=HOME,
        env=env,
        check=check,
        capture_output=True,
        text=True,
        timeout=120,
        **kwargs,
    )


def python(env, code, **kwargs):
    """Start Python with Askwell set up, running these lines; it goes on by itself."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import portal, django; django.setup()\n{code}"],
        cwd=HOME,
        env={**env, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )
