"""A town of two grids and four buildings, as one GeoPackage with a layer for every concept."""

from datetime import datetime
from pathlib import Path

import shapely

from tests.importers.files import square, write

COUNTY, STREET, COMMUNITY = "999001000000", "999001001000", "999001001001"
WEST_GRID, EAST_GRID = COMMUNITY + "001", COMMUNITY + "002"


def identity_number(first: str) -> str:
    """Return 17 digits with their check digit (GB 11643, mod 11-2)."""
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


def credit_code(first: str) -> str:
    """Return 17 characters with their check character (GB 32100, mod 31)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(c) * pow(3, place, 31) for place, c in enumerate(first))
    return first + alphabet[-total % 31]


def write_town(path: Path) -> Path:
    """Write the town.

    The community is 117.00–117.02 by 31.00–31.01; the two grids meet at 117.01. Building B1 lies in the
    western grid, B2 and B3 in the eastern one, B4 outside everything.
    """
    def layer(name: str, columns: dict[str, list], geometry: list | None = None, first: bool = False) -> None:
        write(path, columns, geometry, layer=name, append=not first)

    def point(lon: float, lat: float) -> shapely.Point:
        return shapely.Point(lon, lat)

    whole = shapely.box(117.0, 31.0, 117.02, 31.01)
    layer("areas", {"code": [COMMUNITY, STREET, COUNTY], "level": ["community", "street", "county"],
                    "name": ["望江社区", "沙盘街道", "望江区"], "name_en": ["Wangjiang", None, None],
                    "parent_code": [STREET, COUNTY, None]}, [whole] * 3, first=True)
    layer("grids", {"code": [WEST_GRID, EAST_GRID], "kind": ["basic", "special"], "name": ["西网格", "东网格"]},
          [shapely.box(117.0, 31.0, 117.01, 31.01), shapely.box(117.01, 31.0, 117.02, 31.01)])
    layer("keepers", {"code": ["K1", "K2"], "name": ["周网格", "吴网格"], "phone": ["10012345678", None],
                      "grid_code": [WEST_GRID, EAST_GRID]}, [point(117.005, 31.005), None])
    layer("keeper_tracks", {"keeper_code": ["K1", "K1", "K2"],
                            "at": ["2026-05-01T08:00:00+08:00", "2026-05-01T09:00:00+08:00",
                                   "2026-05-01T08:30:00+08:00"]},
          [point(117.001, 31.001), point(117.002, 31.002), point(117.015, 31.005)])
    layer("roads", {"code": ["R1"], "class": ["inner"], "name": ["沙盘路"], "width_m": [12.0]},
          [shapely.LineString([(117.001, 31.005), (117.004, 31.005)])])
    layer("water", {"code": ["W1"], "class": ["pond"], "name": ["望江塘"]}, [square(117.012, 31.006)])
    layer("green", {"code": ["G1"], "class": ["park"], "name": ["望江公园"]}, [square(117.016, 31.006)])
    layer("places", {"code": ["P1"], "class": ["estate"], "name": ["望江苑"], "name_en": ["Wangjiang Court"],
                     "rank": [3]}, [point(117.005, 31.005)])
    layer("buildings", {"code": ["B1", "B2", "B3", "B4"], "name": ["一号楼", "二号楼", "三号楼", "四号楼"],
                        "use": ["residential", "residential", "school", None], "height_m": [18.0, 33.0, None, 9.0],
                        "floors_above": [6, 11, 4, 3], "built_year": [1998, 2015, 2008, None]},
          [square(117.002, 31.002), square(117.012, 31.002), square(117.016, 31.002), square(118.0, 31.0)])
    layer("units", {"code": ["B1-1", "B2-1", "B2-2"], "building_code": ["B1", "B2", "B2"], "number": ["1", "1", "2"],
                    "floors": [6, 11, 11]}, [point(117.0025, 31.002), point(117.0122, 31.002), None])
    layer("rooms", {"code": ["B1-1-101", "B1-1-102", "B2-1-101"], "building_code": ["B1", "B1", "B2"],
                    "unit_number": ["1", "1", "1"], "floor": [1, 1, 1], "number": ["101", "102", "101"],
                    "use": ["residential", "commercial", "residential"], "tenure": ["owner", "rented", None],
                    "area_m2": [88.5, 40.0, 120.0], "surveyed_at": ["2026-04-01", None, "2026/04/02"]})
    layer("residents", {
        "code": ["N1", "N2", "N3"], "building_code": ["B1", "B1", "B2"], "unit_number": ["1", "1", "1"],
        "room_number": ["101", "101", "101"], "household_number": ["1", "1", "1"],
        "household_kind": ["family", "family", "collective"], "name": ["赵一", "钱二", "孙三"],
        "id_number": [identity_number("99900119600101001"), identity_number("99900119850228002"), "E12345678"],
        "phone": ["10012345678", None, "10087654321"], "sex": ["M", "F", None], "birth_year": [1960, 1985, 2015],
        "registration": ["registered", "floating", "overseas"], "care": ["elderly_alone;chronic", None, ""]})
    layer("organisations", {"code": [credit_code("91999001MA0000001"), credit_code("91999001MA0000002")],
                            "name": ["望江食品店", "望江书店"], "industry": ["零售", None],
                            "building_code": ["B1", None]}, [point(117.0025, 31.0025), point(117.015, 31.009)])
    layer("facilities", {"code": ["F1", "F2"], "class_code": ["0113", "0201"], "name": ["消火栓", "停车场"],
                         "state": ["normal", None], "department": ["水务", None]},
          [point(117.003, 31.008), square(117.017, 31.0085, 0.0005)])
    layer("devices", {"code": ["D1", "D2", "D3"], "kind": ["smoke", "camera", "elevator"],
                      "building_code": ["B1", None, "B2"], "unit_number": ["1", None, "1"],
                      "room_number": ["101", None, None], "floor": [1, None, None], "z_m": [2.5, 4.0, None],
                      "expected_interval_s": [600, 60, 300],
                      "stream_url": [None, "rtsp://10.0.0.1/stream", None]},
          [point(117.0025, 31.0025), point(117.011, 31.009), point(117.0125, 31.0025)])
    layer("events", {"code": ["E1", "E2"], "class_code": ["0101", "0203"], "source": ["12345", None],
                     "state": ["done", "open"], "title": ["垃圾未清", "井盖破损"], "place": ["望江苑", None],
                     "occurred_at": ["2026-05-01T08:00:00+08:00", "2026-05-02 09:30:00"],
                     "deadline": ["2026-05-03T08:00:00+08:00", None]},
          [point(117.004, 31.004), point(117.018, 31.004)])
    layer("expected", {
        "place_code": [COMMUNITY, COMMUNITY, COMMUNITY, WEST_GRID, STREET, "B1", "B2", "B2"],
        "kind": ["population", "population", "population", "housing", "legal_entities", "housing", "population",
                 "housing"],
        "value": [8, 10, 99, 4, 1, 2, 2, 0], "basis": [None] * 5 + ["rooms_per_floor", None, None],
        "source": ["2024年报", "2025年报", "2099年报", "房管", "市监", "房管", "社区", "房管"],
        "as_of": ["2024-12-31", "2025-12-31", "2099-12-31"] + ["2025-12-31"] * 5})
    layer("planned_grids", {"code": ["1", "1", None], "name": ["甲", "乙", None]},
          [shapely.box(117.0, 31.0, 117.011, 31.01), shapely.box(117.01, 31.0, 117.018, 31.01),
           shapely.box(117.0185, 31.0, 117.02, 31.01)])
    return path


def moment(text: str) -> datetime:
    """Return an ISO instant."""
    return datetime.fromisoformat(text)
