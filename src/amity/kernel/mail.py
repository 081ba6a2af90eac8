"""By which server mail is sent: read from one address, as an operator writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from amity.kernel.errors import SettingError

_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server for outgoing mail; without a host there is none. At most one of `starttls` and `tls` is set."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False


def server_of(url: str, sender: str) -> MailServer:
    """Return the server that AMITY_MAIL_URL names: none for an empty one.

    Raises SettingError for what is no such address, and where AMITY_MAIL_FROM names no address to send from.
    """
    if not url:
        return MailServer()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingError("AMITY_MAIL_URL can't be read; write it like smtp://user:password@host:587.") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SettingError("AMITY_MAIL_URL should begin with smtp://, smtps:// or smtp+plain:// and name a host.")
    if "@" not in parseaddr(sender)[1]:
        raise SettingError("AMITY_MAIL_FROM should name the address that mail comes from, such as privacy@linden.example.")
    return MailServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp",
        tls=parts.scheme == "smtps",
    )
