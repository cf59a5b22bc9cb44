"""Where webhooks may go: origins, addresses of webhooks, and what names may lead to."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmap.webhooks import hosts
from webmap.webhooks.hosts import BadOrigin, Origin

PARTNER = Origin("https", "partner.example", 443)
INSIDE = Origin("http", "exchange.intra", 8080, private=True)


@pytest.mark.parametrize(("text", "private", "origin"), [
    ("partner.example", False, PARTNER), ("https://Partner.Example/", False, PARTNER),
    ("https://partner.example:8443", False, Origin("https", "partner.example", 8443)),
    ("http://exchange.intra:8080", True, INSIDE), ("http://127.0.0.1:9000", False, Origin("http", "127.0.0.1", 9000)),
    ("http://[::1]:9000", False, Origin("http", "::1", 9000)),
    ("http://localhost", False, Origin("http", "localhost", 80)),
    ("http://10.1.2.3", False, Origin("http", "10.1.2.3", 80)),
])
def test_an_administrator_writes_a_name_or_scheme_host_and_port(text: str, private: bool, origin: Origin) -> None:
    assert hosts.parse_origin(text, private=private) == origin


@pytest.mark.parametrize("text", [
    "http://partner.example", "http://8.8.8.8", "ftp://partner.example", "https://", "https://a@partner.example",
    "https://partner.example/path", "https://partner.example?x", "https://partner.example#x", "https://partner.example:0",
    "https://partner.example:70000", "https://169.254.169.254", "https://0.0.0.0", "https://224.0.0.1", "https://127.1",
    "https://2130706433", "https://[::ffff:127.0.0.1]", "https://[::", "https://*.example", "https://a b", "https://ä.example",
    "https://a\\@b", "https://[fe80::1%25eth0]", "https://partner..example", "https://" + "a" * 300, "https://0x7f.1",
])
def test_what_is_no_origin_or_not_safe_is_refused(text: str) -> None:
    with pytest.raises(BadOrigin):
        hosts.parse_origin(text)


def test_the_address_of_a_webhook_is_taken_apart() -> None:
    assert hosts.parse_url("https://partner.example:8443/a/b?c=%20&d") == (
        Origin("https", "partner.example", 8443), "/a/b?c=%20&d")
    assert hosts.parse_url("https://PARTNER.example") == (PARTNER, "/")


@pytest.mark.parametrize("text", [
    "https://user:secret@partner.example/", "https://partner.example/#a", "https://partner.example\\@evil.example/",
    "https://partner.example/a b", "https://partner.example/\r\nHost: x", "//partner.example/", "partner.example",
    "file:///etc/passwd", "https:///path", "https://partner.example/" + "a" * 500, "",
])
def test_an_address_that_hides_something_is_refused(text: str) -> None:
    with pytest.raises(BadOrigin):
        hosts.parse_url(text)


@pytest.mark.parametrize(("origin", "address", "permitted"), [
    (PARTNER, "93.184.216.34", True), (PARTNER, "127.0.0.1", False), (PARTNER, "10.0.0.1", False),
    (PARTNER, "169.254.169.254", False), (PARTNER, "::1", False), (PARTNER, "::ffff:10.0.0.1", False),
    (PARTNER, "fd00::1", False), (PARTNER, "64:ff9b::a00:1", False), (PARTNER, "2002:a00:1::", False),
    (PARTNER, "100.64.0.1", False), (PARTNER, "0.0.0.0", False), (PARTNER, "2606:2800:220:1::1", True),
    (INSIDE, "10.0.0.1", True), (INSIDE, "fd00::1", True), (INSIDE, "127.0.0.1", False), (INSIDE, "8.8.8.8", False),
    (INSIDE, "169.254.169.254", False),
    (Origin("https", "both.example", 443, private=True), "10.0.0.1", True),
    (Origin("https", "127.0.0.1", 443), "127.0.0.1", True), (Origin("https", "127.0.0.1", 443), "127.0.0.2", False),
    (Origin("http", "localhost", 80), "127.0.0.1", True), (Origin("http", "localhost", 80), "10.0.0.1", False),
])
def test_a_name_may_lead_only_where_the_list_says(origin: Origin, address: str, permitted: bool) -> None:
    assert origin.permits(ip_address(address)) is permitted


@given(st.ip_addresses())
def test_a_public_partners_name_never_leads_inside(address: IPv4Address | IPv6Address) -> None:
    if PARTNER.permits(address):
        assert address.is_global
        assert not address.is_loopback
    assert not (INSIDE.permits(address) and address.is_global)


def test_the_list_is_kept_as_it_was_written_and_asked_by_scheme_host_and_port(tmp_path: Path) -> None:
    assert hosts.load(tmp_path) == []
    hosts.save(tmp_path, [PARTNER, INSIDE])
    assert hosts.load(tmp_path) == [INSIDE, PARTNER]
    assert hosts.listed(tmp_path, Origin("http", "exchange.intra", 8080)) == INSIDE
    for other in (Origin("http", "partner.example", 443), Origin("https", "partner.example", 8443),
                  Origin("https", "www.partner.example", 443), Origin("https", "partner.example.evil", 443)):
        with pytest.raises(BadOrigin, match="not on the list"):
            hosts.listed(tmp_path, other)
    assert (tmp_path / hosts.FILE).stat().st_mode & 0o077 == 0
