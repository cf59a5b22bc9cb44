"""Hostile uploads: each is refused by the name of what is wrong, nothing is queued, nothing stays on the disk."""

import os

import pytest

from spatial import yaml_file
from spatial.queries import imports as queries
from tests.fixtures.web import Web
from webmap import upload_form
from webmap.receive import PARTS_MOST, TEXT_BYTES

CATALOGUE = {"concepts": [{"name": "buildings", "title": "楼栋", "geometry": "MultiPolygon", "fields": []}],
             "endings": [".gpkg", ".shp"], "beside": {".shp": [".shx", ".dbf", ".prj", ".cpg"]}}
GOOD = (("concept", "buildings"),)
FILE = ("a.gpkg",)

# What it is, texts of the form, names of the files, place of the fault, words of it.
HOSTILE = (
    ("an unknown option", (*GOOD, ("dryrun", "1")), FILE, "dryrun", "Unknown"),
    ("an unknown option of 100 kB", (*GOOD, ("x" * 100_000, "1")), FILE, "x" * 60 + "…", "Unknown"),
    ("an option without a name", (*GOOD, (None, "1")), FILE, "(a part without a name)", "Unknown"),
    ("options of the worker's own", (*GOOD, ("ending", ".gpkg")), FILE, "ending", "Unknown"),
    ("a truth that is none", (*GOOD, ("dry_run", "maybe")), FILE, "dry_run", "boolean"),
    ("a list for a number", (*GOOD, ("max_rejects", "[1]")), FILE, "max_rejects", "such as 5%"),
    ("a negative number", (*GOOD, ("max_rejects", "-1")), FILE, "max_rejects", "such as 5%"),
    ("digits of another script", (*GOOD, ("max_rejects", "٣")), FILE, "max_rejects", "such as 5%"),
    ("an infinite share", (*GOOD, ("max_rejects", "1e999%")), FILE, "max_rejects", "such as 5%"),
    ("a word for a share", (*GOOD, ("repair", "true")), FILE, "repair", "such as 1%"),
    ("an unknown way with conflicts", (*GOOD, ("on_conflict", "DROP")), FILE, "on_conflict", "update, skip, fail"),
    ("a concept that is not known", (("concept", "users"),), FILE, "concept", "is none of buildings"),
    ("a concept that is a path", (("concept", "../buildings"),), FILE, "concept", "is none of buildings"),
    ("a concept of 9,000 characters", (("concept", "x" * 9000),), FILE, "concept", "is none of buildings"),
    ("no concept", (), FILE, "concept", "Missing"),
    ("a crs of 10,000 characters", (*GOOD, ("crs", "+" * 10_000)), FILE, "crs", "2000"),
    ("a mapping of 1 MB", (*GOOD, ("mapping", "x" * 2**20)), FILE, "mapping", "131,072 bytes"),
    ("more text than a form may hold", (*GOOD, ("mapping", "x" * (TEXT_BYTES + 1))), FILE, "body", "bytes of text"),
    ("more parts than a form may have", (*GOOD, *[("crs", "1")] * PARTS_MOST), FILE, "body", "parts"),
    ("NUL in an option", (*GOOD, ("layer", "a\0b")), FILE, "layer", "cannot be stored"),
    ("NUL in a mapping", (*GOOD, ("mapping", "a: \0")), FILE, "mapping", "cannot be stored"),
    ("an escape sequence", (*GOOD, ("source", "\x1b[2Ja")), FILE, "source", "control character"),
    ("a second line in a name", (*GOOD, ("source", "a\nb")), FILE, "source", "control character"),
    ("a second line in a crs", (*GOOD, ("crs", "EPSG:4490\r\nx")), FILE, "crs", "control character"),
    ("a second line in a key", (*GOOD, ("key", "a\u0085b")), FILE, "key", "control character"),
    ("a field that comes twice", (*GOOD, ("crs", "gcj02"), ("crs", "bd09")), FILE, "crs", "more than once"),
    ("a concept that comes twice", (*GOOD, *GOOD), FILE, "concept", "more than once"),
    ("a way up", GOOD, ("../../x",), "file", "ending"),
    ("a device of Windows", GOOD, ("CON",), "file", "ending"),
    ("an empty name", GOOD, ("",), "file", "is needed"),
    ("a name of dots", GOOD, ("...",), "file", "ending"),
    ("a name that is an ending", GOOD, (".gpkg",), "file", "ending"),
    ("a name of 300 characters", GOOD, ("楼" * 300 + ".gpkg",), "file", "more than 200 characters"),
    ("a name with NUL", GOOD, ("a\0.gpkg",), "file", "control character"),
    ("a name with a bell", GOOD, ("a\a.gpkg",), "file", "control character"),
    ("a name that comes twice", GOOD, ("x/a.gpkg", "y/a.gpkg"), "file", "came twice"),
    ("thirty files", GOOD, tuple(f"{number}.gpkg" for number in range(30)), "file", "one file"),
)


def test_a_form_takes_no_larger_mapping_than_the_worker() -> None:
    assert upload_form.MAPPING_BYTES == yaml_file.LARGEST_FILE


def form(texts, names, place: str = "file") -> tuple[bytes, str]:
    """Return a multipart body as a hostile program writes it: nothing is checked or escaped."""
    parts = [b"Content-Disposition: form-data" + (f'; name="{name}"'.encode() if name is not None else b"")
             + b"\r\n\r\n" + text.encode() for name, text in texts]
    parts += [f'Content-Disposition: form-data; name="{place}"; filename="{name}"\r\n\r\ncontent'.encode()
              for name in names]
    return b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n", "edge"


def send(web: Web, body: bytes, edge: str):
    return web.client.post("/api/imports", data=body, headers={"X-Shapan": "1"},
                           content_type=f"multipart/form-data; boundary={edge}")


def assert_nothing_is_left(web: Web, what: str) -> None:
    uploads = web.database.settings.home / "uploads"
    assert not uploads.exists() or os.listdir(uploads) == [], what
    assert web.objects.connection.execute("SELECT count(*) FROM import_run").fetchone() == (0,), what


@pytest.fixture
def worker_was_here(web: Web) -> Web:
    queries.write_catalogue(web.database.connect("worker", autocommit=True), CATALOGUE)
    return web


def test_a_hostile_upload_is_refused_by_name_and_leaves_nothing(worker_was_here: Web) -> None:
    web = worker_was_here
    for what, texts, names, place, said in HOSTILE:
        answer = send(web, *form(texts, names))
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), (what, answer.text)
        faults = answer.json["faults"]
        assert [fault for fault in faults if fault["place"] == place and said in fault["message"]], (what, faults)
        assert len(answer.data) < 5000, f"{what}: what was sent is not sent back"
        assert_nothing_is_left(web, what)
    body, edge = form(GOOD, FILE, place="mapping")
    answer = send(web, body, edge)
    assert [fault["place"] for fault in answer.json["faults"]][0] == "mapping"
    for cut in (len(body) - 20, len(body) // 2, 3):
        assert send(web, body[:cut], edge).status_code == 422, cut
        assert_nothing_is_left(web, f"a body cut after {cut} bytes")
    assert send(web, *form(GOOD, ("../../CON.gpkg",))).status_code == 201, "a name is data, and never a path"
