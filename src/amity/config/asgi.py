"""The console as an ASGI application: Django, behind what needs no Django (health, metrics, static files)."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.config.settings")
django_application = get_asgi_application()

from amity.config.serving.front import Front  # noqa: E402  its static files come from Django's settings
from amity.engines.present.trips import Travelling  # noqa: E402
from amity.rooms.customers.http.quick import QuickProfiles  # noqa: E402  it reads Django's models

application = Front(django_application, quick=QuickProfiles(Travelling()))
