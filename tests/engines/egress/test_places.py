"""Which addresses are refused, by what a URL says and by what its name leads to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.engines.egress.places import Refused, check_address, check_host, place_of
from amity.kernel.network import read_networks

NONE = read_networks("")


def reached(address: str, *, secure: bool = True, private: str = "") -> bool:
    try:
        check_address(address, host="x", secure=secure, private=read_networks(private))
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "file:///etc/passwd", "//a.example", "https://", "https://user:secret@a.example/", "https://a.example:0/",
        "https://a.example:99999/", "https://a.example/a b", "https://a.example/\r\nX: y", "https://a.example/#x", "https://[::1", "gopher://x",
        "https://exa_mple..", "https://a.example\\@b.example/", "javascript:alert(1)", "https://ä.example/", "https://" + "a" * 2_100,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url):
    with pytest.raises(Refused):
        place_of(url)


def test_parts_of_an_address():
    place = place_of("https://Hooks.Example:8443/in?key=1")
    assert (place.host, place.port, place.target, place.authority) == ("hooks.example", 8443, "/in?key=1", "hooks.example:8443")
    assert place_of("http://[2001:DB8::1]/").authority == "[2001:db8::1]"
    assert place_of("https://a.example").target == "/"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused_unless_named(address):
    assert not reached(address)
    assert reached(address, private=address.partition("%")[0].removeprefix("::ffff:"), secure=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_what_is_public_is_reached_over_tls_only(address):
    assert reached(address)
    assert not reached(address, secure=False)


@given(st.integers(0, 2**32 - 1))
def test_no_private_ipv4_is_reached_however_it_is_written(number):
    plain = ip_address(number)
    mapped = str(ip_address(0xFFFF_0000_0000 | number))
    assert reached(str(plain)) == reached(mapped) == (plain.is_global and not plain.is_multicast and not plain.is_reserved)


def test_the_list_of_hosts():
    for host in ("a.example", "x.b.example", "y.x.b.example", "a.example."):
        check_host(host, allowed="A.example, *.b.example")
    for host in ("b.example", "xb.example", "a.example.evil", "evil-a.example"):
        with pytest.raises(Refused, match="AMITY_EGRESS_HOSTS"):
            check_host(host, allowed="a.example, *.b.example")
    check_host("whatever.example", allowed=" ")
