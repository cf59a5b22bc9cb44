"""From which hosts a page may play cameras: the list, the page's policy, and what is told of a stream."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from spatial.types import Scope
from tests.fixtures.web import Web
from webmap import guard, identity
from webmap.cameras import commands, hosts, streams
from webmap.origins import BadOrigin, Origin

INSIDE = Origin("http", "10.8.0.5", 8080)
URL = "http://10.8.0.5:8080/live/1.m3u8?token=t"


@pytest.mark.parametrize(("url", "state", "player"), [
    (None, "none", None), (URL, "playable", "hls"), ("http://10.8.0.5:8080/live/1.flv?x=1", "playable", "flv"),
    ("HTTP://10.8.0.5:8080/x", "playable", "hls"), ("http://10.8.0.5/live/1.m3u8", "not_listed", None),
    ("https://10.8.0.5:8080/live/1.m3u8", "not_listed", None), ("http://10.8.0.50:8080/1.m3u8", "not_listed", None),
    ("http://10.8.0.5:8080@evil.example/1.m3u8", "credentials", None), ("rtsp://u:p@10.8.0.5/a", "credentials", None),
    ("rtsp://10.8.0.5/a", "scheme", None), ("wss://10.8.0.5:8080/a.flv", "scheme", None),
    ("http://[::", "unreadable", None),
    ("javascript:alert(1)", "unreadable", None), ("http://10.8.0.5:8080/a\\@b", "unreadable", None),
])
def test_a_stream_is_played_from_a_listed_host_alone_and_never_told_otherwise(url, state, player) -> None:
    found = streams.judge(url, [INSIDE])
    assert (found.state, found.player) == (state, player)
    assert (found.url is not None) == (state == "playable")
    assert "u:p" not in str(found.origin)


@given(st.text(max_size=80), st.sampled_from(["", "http://", "rtsp://", "http://10.8.0.5:8080", "https://a:b@"]))
def test_whatever_stands_on_record_only_an_address_of_a_listed_host_is_told(text: str, beginning: str) -> None:
    found = streams.judge(beginning + text, [INSIDE])
    if found.url is not None:
        assert found.url.lower().startswith("http://10.8.0.5:8080")
        assert found.url[len("http://10.8.0.5:8080"):][:1] in ("", "/", "?")


@pytest.mark.parametrize("text", ["http://*.example", "http://[::1]:80", "http://my_cam.intra", "http://video.example",
                                  "http://10.8.0.5/path", "http://a b", "'self'", "http://x;script-src"])
def test_what_no_policy_could_name_exactly_is_not_listed(text: str) -> None:
    with pytest.raises(BadOrigin):
        hosts.parse(text)


def test_the_list_is_written_by_commands_and_checked_against_the_cameras(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in web.database.environment.items():
        monkeypatch.setenv(name, value)
    for number, url in enumerate([URL, "http://10.8.0.6/a.m3u8", "rtsp://10.8.0.7/a", "rtsp://u:p@10.8.0.8/a"]):
        web.objects.device(f"C{number}", kind="camera", stream_url=url)

    def run(*words: str) -> str:
        result = CliRunner().invoke(commands.cameras, words)
        assert result.exit_code == 0, result.output
        return result.output

    assert "127.0.0.1 is the machine of each who watches" in run("allow", "http://127.0.0.1:9000")
    run("allow", "http://10.8.0.5:8080", "--private", "http://video.intra")
    assert run("hosts").split("\n")[:-1] == [
        "http://10.8.0.5:8080 private", "http://127.0.0.1:9000", "http://video.intra:80 private"]
    told = run("check")
    assert "C0: http://10.8.0.5:8080: pages may play them" in told
    assert "shapan cameras allow http://10.8.0.6:80" in told
    assert "no browser plays rtsp" in told
    assert "C3: the address carries a user and a password" in told
    assert "u:p" not in told
    run("refuse", "http://127.0.0.1:9000")
    assert "127.0.0.1" not in run("hosts")


def test_a_page_may_ask_the_listed_hosts_and_no_other_and_only_of_those_who_may_watch(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    home = web.app.extensions["shapan"].settings.home

    def sources(name: str) -> list[str] | None:
        policy = web.client.get("/").headers["Content-Security-Policy"]
        found = [each.split()[1:] for each in policy.split("; ") if each.split()[0] == name]
        return found[0] if found else None

    assert web.client.get("/").headers["Content-Security-Policy"] == guard.policy(compiles=True)
    hosts.save(home, [INSIDE])
    assert sources("connect-src") == ["'self'", "http://10.8.0.5:8080"]
    assert sources("media-src") == ["'self'", "blob:", "http://10.8.0.5:8080"]
    assert sources("script-src") == ["'self'", "'wasm-unsafe-eval'"]
    assert web.client.get("/api/counts").headers["Content-Security-Policy"] == guard.CONTENT_SECURITY_POLICY
    (home / hosts.FILE).write_text("http://10.8.0.5:8080\n*\n")
    assert sources("connect-src") == ["'self'"]
    hosts.save(home, [INSIDE])
    monkeypatch.setattr(identity, "DEMO", identity.Identity("looker", ("viewer",), Scope.everything()))
    assert sources("connect-src") == ["'self'"]


def test_the_address_is_told_to_those_who_may_watch_and_by_its_own_call(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.objects.device("C1", kind="camera", stream_url=URL)
    web.objects.device("C2", kind="camera")
    ask = web.client.get
    assert ask("/api/devices/C1").json["has_stream"] is True
    assert ask("/api/devices/C2").json["has_stream"] is False
    assert "token" not in ask("/api/devices/C1").text
    assert ask("/api/devices/C1/stream").json == {
        "state": "not_listed", "player": None, "url": None, "origin": "http://10.8.0.5:8080"}
    hosts.save(Path(web.app.extensions["shapan"].settings.home), [INSIDE])
    assert ask("/api/devices/C1/stream").json == {
        "state": "playable", "player": "hls", "url": URL, "origin": "http://10.8.0.5:8080"}
    assert ask("/api/devices/C2/stream").json["state"] == "none"
    assert ask("/api/devices/C9/stream").status_code == 404
    monkeypatch.setattr(identity, "DEMO", identity.Identity("looker", ("viewer",), Scope.everything()))
    refused = ask("/api/devices/C1/stream")
    assert refused.status_code == 403
    assert "token" not in refused.text
    monkeypatch.setattr(identity, "DEMO", identity.Identity("elsewhere", ("operator",), Scope(("999002",))))
    assert ask("/api/devices/C1/stream").status_code == 404
