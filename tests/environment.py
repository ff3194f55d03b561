"""Loaded before Django's settings are: every test process keeps its data in a folder of its own.
Cases that hypothesis makes up are the same in every run, however slow the machine is."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis

FOLDER = tempfile.mkdtemp(prefix="proving-ground-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

Path(FOLDER, "static").mkdir()
os.environ["PORTAL_DATA"] = FOLDER
KEY = Path(f"{FOLDER}.key")  # outside of it
KEY.touch(mode=0o600)
KEY.write_text(f"tests {'ab' * 32}\n")
atexit.register(KEY.unlink, missing_ok=True)
for kept in (f"{KEY}.register", f"{KEY}.register.lock"):
    atexit.register(Path(kept).unlink, missing_ok=True)
os.environ["TOKEN_KEY_FILE"] = str(KEY)
os.environ["EXTRACT_KEY"] = "cd" * 32
for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "HTTPS", "ALLOWED_HOSTS", "DEMO"):
    os.environ.pop(name, None)

hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.load_profile("same")
