"""Cameras: what is played from where, and what is said where nothing is."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.fixtures.video import playlist, silent_host, video_host
from webmap.cameras import hosts

pytestmark = pytest.mark.browser

PAYLOAD = "<img src=x onerror=\"window.PWN=1\">"


@pytest.fixture
def camera(service):
    """Return code and former address of a camera, which is put back afterwards, as the list of hosts is."""
    code, name, url = service.sql(
        "SELECT ARRAY[code, name, stream_url] FROM device WHERE kind = 'camera' ORDER BY code LIMIT 1")
    yield code, url
    service.execute("UPDATE device SET stream_url = %s, name = %s WHERE code = %s", url, name, code)
    (Path(service.database.settings.home) / hosts.FILE).unlink(missing_ok=True)


def test_a_camera_plays_from_a_listed_host_alone_and_says_why_it_does_not(mapless, service, camera):
    code, rtsp = camera
    home = Path(service.database.settings.home)
    mapless.allowed_errors = True  # the browser logs what its policy refuses, and each 404
    view, words = mapless.test_id("camera"), mapless.test_id("camera-words")

    def play(url):
        service.execute("UPDATE device SET stream_url = %s, name = %s WHERE code = %s", url, PAYLOAD, code)
        mapless.open(f"?device={code}", wait=False)
        expect(mapless.test_id("device-name")).to_have_text(PAYLOAD)
        expect(view).to_have_attribute("data-status", "idle")
        mapless.test_id("camera-play").click()

    with video_host() as listed, video_host() as other, silent_host() as silent:
        play(rtsp)
        expect(words).to_contain_text("RTSP")
        play("rtsp://admin:secret@10.0.0.1/live")
        expect(words).to_contain_text("用户名和密码")
        assert "secret" not in mapless.page.content()

        play(f"{other.origin}/live.m3u8")
        expect(view).to_have_attribute("data-reason", "not_listed")
        expect(view).to_contain_text(f"shapan cameras allow {other.origin}")
        assert mapless.foreign == []

        hosts.save(home, [hosts.parse(listed.origin), hosts.parse(silent)])
        mapless.test_id("device-close").click()
        for name in ("live.m3u8", "live.flv"):
            play(f"{listed.origin}/{name}?token=t")
            expect(view).to_have_attribute("data-status", "playing")
            video = view.locator("video")
            assert video.evaluate("video => video.muted && video.videoWidth") == 32
            assert "token" not in mapless.page.content()
        before = video.evaluate("video => video.currentTime")
        mapless.page.wait_for_timeout(700)
        assert video.evaluate("video => video.currentTime") > before
        mapless.test_id("device-close").click()
        expect(view).to_have_count(0)
        assert mapless.page.evaluate("document.querySelectorAll('video').length") == 0

        listed.files["/led.m3u8"] = playlist(f"{other.origin}/")
        play(f"{listed.origin}/led.m3u8")
        expect(view).to_have_attribute("data-reason", "elsewhere")
        expect(view).to_contain_text(f"shapan cameras allow {other.origin}")

        play(f"{silent}/live.m3u8")
        began = time.monotonic()
        expect(view).to_have_attribute("data-reason", "silent", timeout=9_500)
        assert time.monotonic() - began < 9.5
        expect(words).to_contain_text("没有应答")
        service.execute("UPDATE device SET stream_url = %s WHERE code = %s", f"{listed.origin}/live.m3u8", code)
        mapless.test_id("camera-retry").click()
        expect(view).to_have_attribute("data-status", "playing")

        assert other.asked == []  # the browser has refused before anything went out
        known = (listed.origin, silent, other.origin)
        assert [url for url in mapless.foreign if not url.startswith(known)] == []
        assert mapless.page.evaluate("window.PWN") is None
        mapless.foreign.clear()
