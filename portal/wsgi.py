"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

# The addresses bring the views, and these the engine: imported once, before the server forks, and
# not by each of its processes at the first request.
_ = get_resolver().url_patterns
