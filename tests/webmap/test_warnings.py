"""Warnings over HTTP: CAP as JSON and as XML, what is refused, who sees how much."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web
from webmap import cap, cap_xml, identity
from webmap.views.warnings import MessageIn

NOW = datetime.now(UTC)
POLYGON = "31.0,117.0 31.0,117.02 31.02,117.02 31.02,117.0 31.0,117.0"


def instant(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat(timespec="seconds")


def info(**values: Any) -> dict[str, Any]:
    return {"category": ["Met"], "event": "暴雨", "urgency": "Immediate", "severity": "Extreme", "certainty": "Likely",
            "expires": instant(60), "headline": "暴雨红色预警",
            "area": [{"areaDesc": "望江社区", "polygon": [POLYGON]}], **values}


def message(identifier: str = "a", **values: Any) -> dict[str, Any]:
    return {"identifier": identifier, "sender": "met.example", "sent": instant(-10), "status": "Actual",
            "msgType": "Alert", "info": [info()], **values}


def xml(body: str = "", before: str = "") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>x1</identifier><sender>met.example</sender><sent>{instant(-10)}</sent><status>Actual</status>
  <msgType>Alert</msgType><source>台</source><scope>Public</scope>
  <info><language>en-US</language><category>Met</category><event>Rainstorm</event><urgency>Immediate</urgency>
    <severity>Moderate</severity><certainty>Observed</certainty><expires>{instant(30)}</expires>
    <headline>Yellow &amp; wet</headline><parameter><valueName>n</valueName><value>1</value></parameter>
    <area><areaDesc>Wangjiang</areaDesc><circle>31.01,117.01 0.5</circle>
      <geocode><valueName>other</valueName><value>XX-1</value></geocode></area></info>
  <info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>
    <severity>Moderate</severity><certainty>Observed</certainty><expires>{instant(30)}</expires>
    <headline> 暴雨黄色预警 </headline>
    <area><areaDesc>望江</areaDesc><circle>31.01,117.01 0.5</circle>
      <geocode><valueName>other</valueName><value>XX-1</value></geocode></area></info>{body}
</alert>"""


@pytest.fixture
def town(web: Web) -> Web:
    web.objects.community()
    web.objects.grid()
    web.objects.room(web.objects.building("B1"), residents=12, care=["disabled"])
    return web


def send_xml(web: Web, text: str, media_type: str = "application/cap+xml") -> Any:
    return web.client.post("/api/warnings", data=text.encode(), content_type=media_type)


def test_empty_elements_of_an_issuers_template_say_nothing(town: Web) -> None:
    empty = "<polygon></polygon><circle/><geocode><valueName/><value> </value></geocode>"
    body = xml().replace("<circle>31.01,117.01 0.5</circle>", empty).replace(">XX-1<", f">{COMMUNITY}<")
    sent = send_xml(town, body)
    assert (sent.status_code, sent.json["places"]) == (201, [COMMUNITY]), sent.json


def test_a_warning_is_taken_listed_told_and_ended_by_a_cancel(town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = town.client.post("/api/warnings", json=message())
    assert (sent.status_code, sent.json["new"], sent.json["state"], sent.json["places"]) == (
        201, True, "in_force", [COMMUNITY])
    again = town.client.post("/api/warnings", json=message())
    assert (again.status_code, again.json["new"], again.json["id"]) == (200, False, sent.json["id"])
    exercise = town.client.post("/api/warnings", json=message("drill", status="Exercise"))
    assert exercise.status_code == 201
    listed = town.client.get("/api/warnings").json
    assert [(one["identifier"], one["real"], one["colour"]["name"]) for one in listed["warnings"]] == [
        ("a", True, "红色")]
    assert [one["real"] for one in town.client.get("/api/warnings?status=Exercise").json["warnings"]] == [False]

    found = town.client.get(f"/api/warnings/{sent.json['id']}").json
    assert found["concerned"] == {"buildings": 1, "residents": 12, "exact": True,
                                  "care": [{"category": "disabled", "count": 12}]}
    assert [(grid["code"], grid["residents"]) for grid in found["grids"]] == [(GRID, 12)]
    monkeypatch.setattr(identity, "DEMO", identity.Identity("wall", ("wall",), Scope((GRID,))))
    found = town.client.get(f"/api/warnings/{sent.json['id']}").json
    assert found["concerned"] == {"buildings": 1, "residents": 10, "exact": False, "care": None}
    assert found["grids"][0]["residents"] == 10
    assert town.client.post("/api/warnings", json=message("b")).status_code == 403
    monkeypatch.setattr(identity, "DEMO", identity.Identity("other", ("viewer",), Scope(("998",))))
    assert town.client.get(f"/api/warnings/{sent.json['id']}").status_code == 404
    assert town.client.get("/api/warnings").json["warnings"] == []
    monkeypatch.undo()

    cancel = town.client.post("/api/warnings", json=message(
        "c", msgType="Cancel", info=[], sent=instant(-1), references=f"met.example,a,{instant(-10)}"))
    assert (cancel.status_code, cancel.json["id"]) == (201, None)
    assert town.client.get("/api/warnings").json["warnings"] == []
    window = town.client.get("/api/warnings", query_string={"from": instant(-60), "to": instant(60), "limit": 1}).json
    assert [(one["state"], one["fated_by"]) for one in window["warnings"]] == [("cancelled", "met.example,c")]
    assert window["next"] is None
    assert town.client.get("/api/warnings", query_string={"from": instant(-60)}).status_code == 422

    assert send_xml(town, xml()).status_code == 201
    assert send_xml(town, xml(), "text/xml").json["new"] is False
    town.objects.connection.execute("DELETE FROM resident")
    assert town.client.get("/api/warnings/1").json["concerned"]["care"] == []
    [found] = town.client.get("/api/warnings").json["warnings"]
    assert (found["headline"], found["language"], found["colour"]["code"]) == ("暴雨黄色预警", "zh-CN", "yellow")
    assert found["texts"] == [{"language": "en-US", "event": "Rainstorm", "headline": "Yellow & wet",
                               "description": None, "instruction": None}]
    assert send_xml(town, xml(), "text/plain").status_code == 403
    assert send_xml(town, xml(before="<!DOCTYPE alert>")).status_code == 422
    assert town.client.post("/api/warnings", data="{", content_type="application/json").status_code == 400
    assert town.client.post("/api/warnings", json=[1]).status_code == 422
    assert send_xml(town, "<" * 3_000_000).status_code == 413
    huge = town.client.post("/api/warnings", json=message("h", info=[info(area=[{"polygon": ["31,117 " * 100_000]}])]))
    assert (huge.status_code, "100,000 points" in huge.json["detail"]) == (422, True)
    nowhere = town.client.post("/api/warnings", json=message("n", info=[info(area=[{"circle": ["1,1 1"]}])]))
    assert "touches no community" in nowhere.json["faults"][0]["message"]
    # None of what was refused is on record: sent again as it should be, it is new.
    assert town.client.post("/api/warnings", json=message("n")).status_code == 201
    ahead = town.client.post("/api/warnings", json=message(
        "ahead", sent=instant(120), info=[info(expires=instant(180))]))
    assert (ahead.json["state"], "time of arrival" in ahead.json["notes"][0]) == ("in_force", True)


def faults(values: dict[str, Any]) -> list[tuple[str, str]]:
    schema = MessageIn()
    if errors := schema.validate(values):
        return [(str(errors), "")]
    try:
        cap.notice(schema.load(values))
    except cap.InvalidInput as error:
        return error.faults
    return []


@pytest.mark.parametrize(("values", "place"), [
    ({"sender": "a b"}, "sender"), ({"identifier": "a,b"}, "identifier"), ({"identifier": "a\n"}, "identifier"),
    ({"status": "Draft"}, "status"),
    ({"msgType": "Ack"}, "msgType"), ({"scope": "Private"}, "scope"), ({"sent": "2026-07-01T08:00:00"}, "sent"),
    ({"info": []}, "info"), ({"msgType": "Update"}, "references"), ({"msgType": "Cancel"}, "references"),
    ({"references": "met.example,b"}, "references"), ({"references": f"met.example,a,{instant(0)}"}, "references"),
    ({"info": [info(expires=instant(-20))]}, "info[0].expires"),
    ({"info": [info(onset=instant(70))]}, "info[0].expires"),
    ({"info": [info(area=[])]}, "info[0].area"), ({"info": [info(area=[{}])]}, "info[0].area[0]"),
    ({"info": [info(area=[{"geocode": [{"value": "XX"}]}])]}, "info[0].area[0]"),
    ({"info": [info(area=[{"polygon": ["0,0 1,1 0,1 1,0 0,0"]}])]}, "info[0].area[0].polygon[0]"),
    ({"info": [info(area=[{"circle": ["0,0"]}])]}, "info[0].area[0].circle[0]"),
    ({"info": [info(area=[{"polygon": ["0,0 " * 6000]}, {"polygon": ["0,0 " * 6000]}])]}, "info[0].area"),
    ({"info": [info(), info(severity="Minor", language="en")]}, "info[1].severity"),
    ({"info": [info(), info(area=[{"circle": ["31,117 1"]}], language="en")]}, "info[1].area"),
    ({"info": [info(severity="Bad")]}, "severity"), ({"info": [info(headline="\0")]}, "headline"),
    ({"info": [info(), "x"]}, "info"), ({"extra": 1}, "extra"), ({"sender": "a\u202eb"}, "sender"),
    *(({"info": [info(**{name: "a\x1b[2Jb"})]}, name) for name in ("event", "headline", "description", "instruction")),
    ({"info": [info(area=[{"areaDesc": "\u2066", "polygon": [POLYGON]}])]}, "areaDesc"),
])
def test_a_faulty_message_is_refused_by_the_place_of_its_fault(values: dict[str, Any], place: str) -> None:
    assert faults(message()) == []
    found = faults(message(**values))
    assert found
    assert place in found[-1][0]


def test_a_shape_tells_more_exactly_than_a_code_and_without_one_the_code_stands() -> None:
    area = {"polygon": [POLYGON], "geocode": [{"value": COMMUNITY}]}
    both = cap.notice(MessageIn().load(message(info=[info(area=[area])]))).content
    assert (len(both.shapes), both.codes) == (1, {})
    code = cap.notice(MessageIn().load(message(info=[info(area=[{"geocode": area["geocode"]}])]))).content
    assert (code.shapes, code.codes) == ([], {"info[0].area[0].geocode[0]": COMMUNITY})


@pytest.mark.parametrize(("text", "why"), [
    (xml(before="<!DOCTYPE alert>"), "document type"),
    (xml(before='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "document type"),
    (xml(before='<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'), "document type"),
    (xml("&undefined;"), "cannot be read"), (xml("<info>"), "cannot be read"), ("", "cannot be read"),
    ("\0", "cannot be read"), (xml().replace("UTF-8", "no-such"), "cannot be read"),
    (xml().replace("cap:1.2", "cap:1.1"), "CAP 1.2"), ("<rss/>", "CAP 1.2"),
    (xml("<sender>b</sender>"), "sender"),
])
def test_xml_that_is_no_plain_cap_message_is_refused(text: str, why: str) -> None:
    with pytest.raises(cap.InvalidInput) as caught:
        cap_xml.read(text.encode())
    assert why in f"{caught.value} {caught.value.faults}"


def test_elements_inside_elements_without_end_are_no_danger() -> None:
    with pytest.raises(cap.InvalidInput):
        cap_xml.read(b"<a>" * 100_000 + b"</a>" * 100_000)
