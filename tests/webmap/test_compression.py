"""What a page loads comes packed, as small as the build made it."""

import gzip

from werkzeug.test import TestResponse

from tests.fixtures.web import Web
from tiles import packing
from webmap import page

BUDGET_BYTES = 800_000
"""JavaScript of a page in gzip; webmap/frontend/build.mjs holds it as well."""


def fetched(web: Web, address: str, headers: dict[str, str] | None = None) -> TestResponse:
    """Return an answer whose file is read and closed."""
    with web.client.get(address, headers=headers) as answer:
        answer.get_data()
        return answer


def test_scripts_and_styles_come_as_the_build_packed_them_and_within_the_budget(web: Web) -> None:
    sizes = {}
    for address in (page.asset("sandbox.js"), page.asset("sandbox.css"), *page.imported("sandbox.js")):
        plain, packed = fetched(web, address), fetched(web, address, {"Accept-Encoding": "gzip"})
        sizes[address] = len(packed.data)
        assert "Content-Encoding" not in plain.headers
        if len(plain.data) < packing.SMALLEST:
            continue
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        # Better than in passing: the build has time.
        assert sizes[address] <= len(gzip.compress(plain.data, 9)) * 1.01
    assert sum(size for address, size in sizes.items() if address.endswith(".js")) < BUDGET_BYTES
