"""The pictures of the guide: which page, what is done on it, what is marked, and which part of the screen is kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import guide_acts as acts
from guide_city import City, flood
from playwright.sync_api import Page

SANDBOX, PHONE, WALL = (1600, 900), (430, 880), (1920, 1080)


@dataclass(frozen=True)
class Scene:
    """One picture, in each language.

    Attributes:
        name: of its file. address: of the page, with ``{things}`` of the city. role: who looks.
        act: what is done on the page before the picture.
        marks: side of it where its number stands, and selector; ``@name`` is the test id.
        cut: selectors; the picture is what holds all of them. size: of the window.
        before: what happens in the city first.
    """

    name: str
    address: str
    role: str = "operator"
    act: Callable[[Page, City], None] | None = None
    marks: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    size: tuple[int, int] = SANDBOX
    before: Callable[[City], None] | None = None


def selector(said: str) -> str:
    """Return a selector whose test ids are written out."""
    return re.sub(r"@([\w-]+)", r'[data-testid="\1"]', said)


LAST_NIGHT = "2026-10-31T10:00:00Z~2026-11-01T00:00:00Z"

SCENES = (
    Scene("screen", "/?", marks=(
        "below @search", "below .counts", "left .alarm-panel", "right .left-side", "left .map-controls",
        "below @connection", "below @account")),
    Scene("alarm", "/?alarm={fire}", act=acts.put_away, marks=(
        'left [data-row-id="{fire}"]', 'right [data-row-id="{fire}"] @acknowledge', "left .filters")),
    Scene("dossier", "/?alarm={fire}", marks=(
        "left .stages", "left @step-bar", "left @advice", "left @dossier-people", "right @freeze-alarm")),
    Scene("shelve", "/?alarm={pressure}", act=acts.shelve, cut=("@alarm-dossier",), marks=(
        "right @step-shelve", "left .step-form")),
    Scene("exploded", "/?alarm={fire}&exploded=1", marks=("right @floor-single", "right @room-legend")),
    Scene("reveal", "/?building={building}&room={room}", act=acts.reveal, cut=("@household-card",), marks=(
        "left @reveal-form", "left @reveal-submit")),
    Scene("search", "/?", act=acts.search, cut=("@search", "#search-list")),
    Scene("events", f"/?events=auto&window={LAST_NIGHT}", act=acts.fold_buildings, marks=("right @events-panel",)),
    Scene("grids", "/?choropleth=entry_rate&grid={grid}", act=acts.fold_buildings, marks=(
        "right @grid-panel", "left @grid-card")),
    Scene("past", "/?at=2026-10-31T15:59:00Z&events=auto", act=acts.past, marks=("above @past-strip",)),
    Scene("freeze", "/?", act=acts.freeze, marks=("left @freeze", "left @freeze-form")),
    Scene("frozen", "/?", act=acts.frozen, marks=("below @accept", "below @replay")),
    Scene("handover", "/handover?window=24h", marks=(
        "corner @handovers", "below .segmented", "right @copy", "below @print")),
    Scene("imports", "/data?view=imports", "importer", marks=("corner @runs", "corner @upload", "below @worker")),
    Scene("upload", "/data?view=imports", "importer", act=acts.upload, cut=("@upload",), marks=(
        "right @drop", "right @field-concept", "right @field-max_rejects", "right label.tick", "right @send")),
    Scene("rejects", "/data?view=imports", "importer", act=acts.rejects, marks=(
        "left @outcome", "left .faults table", "below @reject-file", "right @correct")),
    Scene("rates", "/data?view=rates&kind=housing&within={community}", "importer", marks=(
        "below @rates-trail", "corner .sheet table", "corner @rates-map")),
    Scene("rooms", "/data?view=rooms&within={grid}", marks=(
        "right @places-seek", "corner @work-building", "corner @assign", "below @rooms-print")),
    Scene("keepers", "/data?view=keepers", act=acts.click("period-month")),
    Scene("layers", "/data?view=layers", "importer"),
    Scene("connect", "/data?view=connect", "importer"),
    Scene("wall", "/wall?height=2.4&distance=8", "wall", before=acts.fire_breaks_out, act=acts.wall_stands, size=WALL),
    Scene("tour", "/wall?edit={tour}", "administrator", before=acts.tour, act=acts.editor, marks=(
        "left @tour-search", "above @tour-here", "left @tour-stops", "left @tour-try", "above @tour-save")),
    Scene("audit", "/audit?", "administrator", before=acts.someone_was_seen, cut=(
        ".ogc-top strong", "main h1", "main table")),
    Scene("survey", "/survey#{link}", "", before=acts.keeper_link, act=acts.survey_list, size=PHONE),
    Scene("survey-rooms", "/survey#{link}", "", before=acts.keeper_link, act=acts.survey_rooms, size=PHONE),
    Scene("survey-form", "/survey#{link}", "", before=acts.keeper_link, act=acts.survey_form, size=PHONE),
    Scene("survey-offline", "/survey#{link}", "", before=acts.keeper_link, act=acts.survey_offline, size=PHONE),
    Scene("survey-conflict", "/survey#{link}", "", before=acts.keeper_link, act=acts.survey_conflict, size=PHONE),
    Scene("roles", "/?", "administrator", act=acts.click("account"), cut=(".status", ".account-roles"), marks=(
        "left .account-roles",)),
    Scene("flood", "/?", before=flood, cut=(".alarm-panel",), marks=("left @flood", "left @group-acknowledge")),
)
