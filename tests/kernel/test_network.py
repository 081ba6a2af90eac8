from __future__ import annotations

import pytest

from amity.kernel.network import client_address, read_networks


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("192.0.2.1", "203.0.113.9", "", "192.0.2.1"),
        ("10.0.0.2", "203.0.113.9", "10.0.0.0/8", "203.0.113.9"),
        ("10.0.0.2", "6.6.6.6, 203.0.113.9, 10.0.0.3", "10.0.0.0/8", "203.0.113.9"),
        ("192.0.2.1", "203.0.113.9", "10.0.0.0/8", "192.0.2.1"),
        ("10.0.0.2", "rubbish", "10.0.0.0/8", "10.0.0.2"),
        ("::1", "2001:DB8::0:7, [::1]", "::1", "2001:db8::7"),
        ("10.0.0.2", "10.0.0.4, 10.0.0.3", "10.0.0.0/8", "10.0.0.4"),
        ("", "", "", ""),
    ],
)
def test_only_trusted_proxies_say_who_is_behind_them(peer, forwarded, trusted, found):
    assert client_address(peer, forwarded, trusted=read_networks(trusted)) == found


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="proxy"):
        read_networks("10.0.0.0/8, proxy")
