"""What the sample's offices declare: something for each rate, and no less than their own grids."""

from collections import defaultdict

from sample_gis import plan

KINDS = {"population": "residents", "housing": "rooms", "legal_entities": "organisations", "geography": "buildings"}


def test_street_and_county_declare_all_four_totals_and_what_their_grids_declare_together(city):
    expected = city.layers["expected"]
    totals = defaultdict(dict)
    for place, kind, value in zip(*(expected[name] for name in ("place_code", "kind", "value")), strict=True):
        totals[place][kind] = value
    grids = set(city.division.grid_codes)
    for place, *_ in (plan.STREET, plan.COUNTY):
        assert set(totals[place]) == set(KINDS)
        for kind in ("population", "housing"):
            assert totals[place][kind] == sum(totals[grid][kind] for grid in grids if grid in totals)
        for kind, layer in KINDS.items():
            assert 0.5 < len(city.layers[layer]) / totals[place][kind] < 1, kind
