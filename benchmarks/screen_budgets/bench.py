"""The run as a whole: which city is opened how often, and the command line."""

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.live_stream.service import Service
from benchmarks.screen_budgets import bundle, cities, live, opening, plain_page
from benchmarks.screen_budgets.results import CityResults, Results
from benchmarks.tile_servers.bench import ended_by_signals, machine, say
from benchmarks.tile_servers.city import City

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- benchmarks/screens.py writes from here -->", "<!-- to here: screens -->"

SIZES = (cities.FULL, cities.SMALL, cities.NEW_YORK)
PAN_S, ALARMS = 6, 100
PAN_QUICK_S, ALARMS_QUICK = 2, 10
STREAMS = 20


def measure(name: str, folder: Path, runs: int, gl: str, quick: bool, soak: float, rate: float) -> CityResults | None:
    """Measure one city in a cluster of its own; None where its file is not there."""
    folder.mkdir()
    folder.chmod(0o755)  # the account that runs PostgreSQL must pass
    say(f"{name}: making the city")
    city = City(folder)
    try:
        if not cities.fill(city, name, folder):
            say(f"{name} is left out: {cities.FILE} is not there")
            return None
        served = folder / "plain"
        served.mkdir()
        plain_page.build(served)
        features = cities.plain(city, served / "city.geojson")
        with Service(city, folder, STREAMS) as service, plain_page.served(served) as plain:
            found = CityResults(name, cities.buildings(city), features, bundle.scene(service.url))
            _open(found, service, plain, served, runs, gl, PAN_QUICK_S if quick else PAN_S)
            devices = cities.devices(city)
            if devices or soak:
                with opening.fresh(gl, service.url) as watched:
                    watched.open(f"{service.url}/?style=night")
                    say(f"{name}: alarms")
                    found.alarms = live.alarms(watched, service.url, devices, ALARMS_QUICK if quick else ALARMS)
            if soak:
                with opening.fresh(gl, service.url) as watched:
                    watched.open(f"{service.url}/?style=night")
                    say(f"{name}: {soak:g} minutes under the simulator")
                    found.soak = live.soak(watched, service.url, soak, rate)
        return found
    finally:
        city.close()


def _open(found: CityResults, service: Service, plain: str, served: Path, runs: int, gl: str, pan_s: float) -> None:
    ours = f"{service.url}/?style=night"
    with opening.fresh(gl, service.url) as watched:
        say(f"{found.name}: first opening")
        found.first_ms = watched.open(ours).ready_ms
        view = watched.page.evaluate(opening.VIEW)
    # deck.gl's tiles of 512 pixels are MapLibre's: its zoom is the same.
    plain_page.write(served, view)
    for run in range(runs):
        for url, origin, kept in ((ours, service.url, found.ours), (f"{plain}/index.html", plain, found.plain)):
            say(f"{found.name}: opening {run + 1} of {runs}, {'plain' if origin == plain else 'sandbox'}")
            with opening.fresh(gl, origin) as watched:
                kept.append(watched.open(url))
                watched.page.wait_for_timeout(500)
                opening.settle(watched)
                watched.hold(kept[-1])
                watched.pan(kept[-1], view, pan_s)


def publish(results: Results) -> None:
    """Write the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    if not begin or END not in rest:
        raise click.ClickException(f"{PAGE} lacks the lines {BEGIN} and {END}. Nothing was written.")
    PAGE.write_text(f"{before}{BEGIN}\n\n{results.markdown()}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


@click.command()
@click.option("--size", "sizes", type=click.Choice(SIZES), multiple=True, help="A city; default: all of them.")
@click.option("--runs", type=click.IntRange(1, 50), default=5, show_default=True, help="Openings of each page.")
@click.option("--gl", type=click.Choice(list(opening.GL)), default="mesa", show_default=True, help="Who draws.")
@click.option("--soak", type=click.FloatRange(0), default=0.0, metavar="MINUTES",
              help="Then keep the first city's page open under the simulator for so long.")
@click.option("--rate", type=click.FloatRange(1, 120_000), default=120.0, show_default=True,
              help="New alarms and events a minute of the simulator.")
@click.option("--quick", is_flag=True, help="The small city, one opening: about a minute.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--write-docs", is_flag=True, help="Tables into docs/performance.md.")
def main(sizes: tuple[str, ...], runs: int, gl: str, soak: float, rate: float, quick: bool, as_json: bool,
         write_docs: bool) -> None:
    """Measure the budgets of the sandbox page beside the same city as one plain GeoJSON."""
    if quick:
        sizes, runs = sizes or (cities.SMALL,), 1
    results = Results(machine(), opening.renderer(gl), runs, bundle.weigh())
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="shapan-bench-") as parent:
        Path(parent).chmod(0o755)
        for place, name in enumerate(dict.fromkeys(sizes or SIZES)):
            found = measure(name, Path(parent) / name, runs, gl, quick, soak if place == 0 else 0, rate)
            if found:
                results.cities.append(found)
    results.machine += f"; load after {os.getloadavg()[0]:.1f}"
    say("done")
    if write_docs:
        publish(results)
    click.echo(json.dumps(asdict(results), ensure_ascii=False) if as_json else results.markdown())
