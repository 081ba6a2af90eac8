"""Letters that Amity itself writes: plain text, by the server that the operator named; without one, none is written."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage


def sends_mail() -> bool:
    """Whether the operator named a server that mail is sent by (`AMITY_MAIL_URL`)."""
    return bool(settings.EMAIL_HOST)


def send(*, to: str, subject: str, text: str) -> None:
    """Send a letter. Raises OSError (SMTPException is one) where the server doesn't take it."""
    letter = EmailMessage(subject=" ".join(subject.split()), body=text, to=[to])
    # RFC 3834: so that no automatic answer comes back.
    letter.extra_headers["Auto-Submitted"] = "auto-generated"
    letter.send()
