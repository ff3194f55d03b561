"""Uploads every file of a folder through the pages of a portal of its own, as an administrator
would, with the inspection behind it; for ``tests.memory.measured``."""

UPLOAD = """
import os, re, time
from html import unescape
from pathlib import Path
def run(folder):
    os.environ.update(DJANGO_SETTINGS_MODULE="portal.settings", PORTAL_DATA=f"{folder}/data")
    import django
    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse
    from portal import broker, jobs
    from portal.models import Extract
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    broker.push = lambda row: None  # there is no broker: the inspection is called here
    call_command("migrate", verbosity=0)
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    said = {}
    for path in sorted(Path(folder, "sent").iterdir()):
        began = time.monotonic()
        sent = SimpleUploadedFile(path.name, path.read_bytes())
        answer = client.post(reverse("upload"), {"file": sent})
        extract = Extract.objects.order_by("-created_at").first()
        if answer.status_code == 302:
            jobs.inspect_extract(str(extract.pk))
            extract.refresh_from_db()
            answer = client.get(answer["Location"])
        text = answer.content.decode()
        words = re.findall(r'role="alert"[^>]*>(.*?)</', text, re.S)
        said[path.name] = {
            "status": answer.status_code,
            "state": extract.state if extract else "",
            "alerts": [" ".join(unescape(re.sub("<[^>]*>", " ", one)).split()) for one in words],
            "error": extract.error if extract else "",
            "page": text,
            "seconds": round(time.monotonic() - began, 2),
        }
        Extract.objects.all().delete()
    left = [str(one) for one in Path(folder, "data", "work").rglob("*")]
    return {"said": said, "left": left}
"""
