"""The console as an ASGI application: Django, behind what needs no Django (health, metrics, static files)."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.config.settings")
django_application = get_asgi_application()

from amity.config.serving.front import Front  # noqa: E402  its static files come from Django's settings

application = Front(django_application)
