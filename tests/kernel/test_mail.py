from __future__ import annotations

import pytest

from amity.kernel.errors import SettingError
from amity.kernel.mail import MailServer, server_of

FROM = "Linden <privacy@linden.example>"


def test_no_address_is_no_server():
    assert server_of("", "") == MailServer()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", MailServer(host="mail.example", port=587, starttls=True)),
        (
            "smtp://u%40x:p%2F1@mail.example:2525",
            MailServer(host="mail.example", port=2525, user="u@x", password="p/1", starttls=True),
        ),
        ("smtps://mail.example", MailServer(host="mail.example", port=465, tls=True)),
        ("smtp+plain://127.0.0.1:1025", MailServer(host="127.0.0.1", port=1025)),
        ("smtp+plain://[::1]", MailServer(host="::1", port=25)),
    ],
)
def test_an_address_names_a_server(url, expected):
    assert server_of(url, FROM) == expected
    assert "p/1" not in repr(server_of(url, FROM))


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:many", "smtp://[::1"])
def test_what_is_no_address_is_refused_without_its_password(url):
    with pytest.raises(SettingError, match="AMITY_MAIL_URL"):
        server_of(url, FROM)


@pytest.mark.parametrize("sender", ["", "nobody", "Linden"])
def test_mail_comes_from_somewhere(sender):
    with pytest.raises(SettingError, match="AMITY_MAIL_FROM"):
        server_of("smtp://mail.example", sender)
