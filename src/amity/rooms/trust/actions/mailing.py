"""Letters that Amity itself writes: text, by the server that the operator named; without one, none is written."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives


def sends_mail() -> bool:
    """Whether the operator named a server that mail is sent by (`AMITY_MAIL_URL`)."""
    return bool(settings.EMAIL_HOST)


def send(*, to: str, subject: str, text: str, html: str = "") -> None:
    """Send a letter; `html` says the same as its text, for readers that show it. Raises OSError (SMTPException is one) where the server doesn't take it."""
    letter = EmailMultiAlternatives(subject=" ".join(subject.split()), body=text, to=[to])
    if html:
        letter.attach_alternative(html, "text/html")
    # RFC 3834: so that no automatic answer comes back.
    letter.extra_headers["Auto-Submitted"] = "auto-generated"
    letter.send()
