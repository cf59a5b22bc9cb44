"""A link makes a browser a wall, once, leaves no trace in its address, and takes the picture with it when it ends."""

import pytest
from playwright.sync_api import Error, Page, expect

from tests.fixtures.waiting import until

pytestmark = pytest.mark.browser

ME = "() => fetch('/api/me').then(answer => answer.json()).then(me => `${me.account} ${me.roles}`)"


def who(page: Page) -> str:
    """Return whose session a page has; asked again where the page was just being loaded anew for its link."""
    for _ in range(5):
        try:
            return page.evaluate(ME)
        except Error as error:
            if "Execution context was destroyed" not in str(error):
                raise
            page.wait_for_load_state()
    raise AssertionError("The page is loaded again and again.")


def test_a_link_opens_a_wall_once_and_a_wall_whose_link_is_revoked_goes_dark(sandbox_with, service):
    made = service.ask("/api/access-links", {
        "kind": "kiosk", "name": "hall", "display": {"height_m": 1.2, "distance_m": 12, "sound": False}})
    opened = sandbox_with(webgl=False)
    asked: list[str] = []
    opened.page.on("request", lambda request: asked.append(request.url + str(request.headers.get("referer"))))
    opened.page.goto(f"{service.url}{made['path']}")
    wall = opened.page
    expect(wall.locator('html[data-density]')).to_have_count(1)
    wall.wait_for_url(f"{service.url}/wall")
    until(lambda: who(wall) == f"kiosk:{made['id']} wall")  # the link's page was at this address as well
    assert wall.evaluate("document.cookie") == ""
    assert not [address for address in asked if made["token"] in address]
    # The back row of a hall sits ten heights away: text is large, and what does not fit is left out.
    assert wall.evaluate("document.documentElement.dataset.density") != "full"

    # Who opens it again stays who they were, and is told.
    again = sandbox_with(webgl=False)
    again.allowed_errors = True  # 410 is on the console
    again.page.goto(f"{service.url}{made['path']}")
    expect(again.test_id("notice")).to_contain_text("每个链接只能打开一次")
    assert who(again.page).startswith("demo ")
    assert again.page.evaluate("location.hash") == ""

    # The hall's computer starts with the link each morning: it is a wall, and nothing is in the way of its picture.
    opened.allowed_errors = True
    wall.goto("about:blank")
    wall.goto(f"{service.url}{made['path']}")
    expect(wall.get_by_test_id("age")).to_have_attribute("data-state", "live")
    expect(wall.get_by_test_id("notice")).not_to_contain_text("只能打开一次")
    assert who(wall) == f"kiosk:{made['id']} wall"

    # Another link that opens nothing is told there, and one that meets no network is opened when it is back.
    wall.goto("about:blank")
    wall.goto(f"{service.url}/wall#{made['token'][::-1]}")
    expect(wall.get_by_test_id("notice")).to_contain_text("没有这个链接")
    made = service.ask("/api/access-links", {"kind": "kiosk", "name": "corridor"})
    wall.route("**/api/access-links/exchange", lambda route: route.abort())
    wall.goto("about:blank")
    wall.goto(f"{service.url}{made['path']}")
    expect(wall.get_by_test_id("notice")).to_contain_text("会自动再试")
    assert wall.evaluate("location.hash") == ""
    wall.unroute("**/api/access-links/exchange")
    wall.evaluate("dispatchEvent(new Event('online'))")
    expect(wall.get_by_test_id("notice")).not_to_contain_text("会自动再试")
    wall.wait_for_load_state()
    assert who(wall) == f"kiosk:{made['id']} wall"
    assert wall.evaluate("sessionStorage.length") == 0

    service.ask(f"/api/access-links/{made['id']}/revoke", {})
    expect(wall.get_by_role("heading", name="尚未登录")).to_be_visible()
    expect(wall.get_by_role("status")).to_contain_text("已经到期或被收回")
    wall.get_by_role("button", name="让此浏览器忘记旧链接").click()
    expect(wall.locator('html[data-density]')).to_have_count(1)
    assert who(wall).startswith("demo ")
