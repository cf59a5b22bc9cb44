"""Commands ``shapan sample`` and ``shapan simulate``."""

import json
import shutil
import signal
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from sample_gis.city import make_city
from sample_gis.clock import DEFAULT_UNTIL, Clock, parse_until
from sample_gis.http import Refused
from sample_gis.live import Wanted
from sample_gis.live import simulate as run_simulation
from sample_gis.publish import FILES, publish
from sample_gis.scenarios import NAMES as SCENARIOS
from sample_gis.tally import Tally

NEEDED_MB = {"full": 60, "small": 4}
"""Free space to begin with, megabytes: the files take about half; the GeoPackage's journal comes and goes."""

HANDS = {"quick": 0.5, "usual": 1.0, "slow": 2.0}
"""How much longer than usual people take."""


class Instant(click.ParamType):
    """``now`` or an ISO 8601 instant."""

    name = "instant"

    def convert(self, value, param, ctx) -> datetime:
        """Return the instant, or fail with the forms that are understood."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_until(value)
        except ValueError:
            self.fail(f"{value!r} is no instant. Give «now» or ISO 8601, for example 2026-11-01T20:00:00+08:00.",
                      param, ctx)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=True))
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True,
              help="The same seed gives the same content.")
@click.option("--until", type=Instant(), default=DEFAULT_UNTIL, show_default=DEFAULT_UNTIL.isoformat(),
              help="Last instant of events and tracks: ISO 8601, or «now» (then content depends on the clock).")
@click.option("--size", type=click.Choice(["full", "small"]), default="full", show_default=True,
              help="full: 47 grids, 50,000 residents. small: one grid, for tests.")
@click.option("--overwrite", is_flag=True, help="Replace the sample files in a directory that is not empty.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end and nothing else.")
def sample(directory: Path, seed: int, until: datetime, size: str, overwrite: bool, as_json: bool) -> None:
    """Write the sample city 沙盘街道 as GIS files into DIRECTORY."""
    started = time.perf_counter()
    _prepare(directory, overwrite, NEEDED_MB[size])
    progress = _Progress(silent=as_json)
    city = make_city(seed, Clock.at(until), size, progress.step)
    publish(city, directory, seed, until.isoformat(), size, progress.step)
    progress.done()
    counts = {name: len(layer) for name, layer in city.layers.items()}
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        click.echo(json.dumps({"directory": str(directory), "seed": seed, "until": until.isoformat(), "size": size,
                               "counts": counts, "seconds": seconds}, ensure_ascii=False))
    else:
        click.echo(f"{directory}: {counts['buildings']} buildings, {counts['residents']} residents, "
                   f"{counts['grids']} grids in {seconds} s.")


class Address(click.ParamType):
    """``HOST:PORT``."""

    name = "host:port"

    def convert(self, value, param, ctx) -> tuple[str, int]:
        """Return host and port, or fail with an example."""
        host, _, port = value.rpartition(":") if isinstance(value, str) else value
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
            self.fail(f"{value!r} is no address of a broker. Give one like 127.0.0.1:1883.", param, ctx)
        return host.strip("[]"), int(port)


@click.command()
@click.option("--url", default="http://127.0.0.1:8700", show_default=True, help="Origin of the server.")
@click.option("--mqtt", type=Address(), default=None, metavar="HOST:PORT",
              help="Send alarms, readings and positions to this MQTT broker instead; for shapan bridge mqtt.")
@click.option("--rate", type=click.FloatRange(0, 120_000), default=12.0, show_default=True,
              help="New alarms and events a minute, on average; 0 for the scenarios alone.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True,
              help="The same seed gives the same sequence of things that happen.")
@click.option("--duration", type=click.FloatRange(min=0.1), default=None,
              help="Seconds to run; without end if not given.")
@click.option("--scenario", "scenarios", type=click.Choice(SCENARIOS), multiple=True,
              help="Something that begins at once; can be given more than once.")
@click.option("--no-surprises", is_flag=True, help="Let no scenario happen by itself.")
@click.option("--through", type=click.Choice(["alarms", "readings"]), default="alarms", show_default=True,
              help="How scenarios are told: as alarms, or as values from which rules make the alarms.")
@click.option("--no-readings", is_flag=True, help="Let devices send no readings and signs of life.")
@click.option("--operators", type=click.IntRange(0, 50), default=0, show_default=True,
              help="People who acknowledge, comment, shelve and close alarms, and check what keepers finished.")
@click.option("--keepers-work", is_flag=True,
              help="Let keepers accept events, walk there and finish them, and do tasks.")
@click.option("--hands", type=click.Choice(list(HANDS)), default="usual", show_default=True,
              help="How fast people are.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end and nothing else.")
def simulate(url: str, mqtt: tuple[str, int] | None, rate: float, seed: int, duration: float | None,
             scenarios: tuple[str, ...], no_surprises: bool, through: str, no_readings: bool, operators: int,
             keepers_work: bool, hands: str, as_json: bool) -> None:
    """Send the alarms, readings, events and keepers' steps of a living city to the server.

    Scenarios: elevator (people trapped in a lift), gas-flood (a leak that one floor after the other smells),
    device-loss (a grid's devices lose power), storm (a cloudburst over the city).

    The last line says how much of each kind the server took, knew already, and refused; of what went to a broker,
    taken is what the broker acknowledged.

    \b
    Examples:
      shapan simulate                                 traffic of a quiet day, now and then a scenario
      shapan simulate --scenario gas-flood --rate 0   one leak and nothing else
      shapan simulate --scenario gas-flood --through readings   the same, found by the rules
      shapan simulate --operators 2 --keepers-work    with people who handle what comes
      shapan simulate --mqtt 127.0.0.1:1883           by a broker, for shapan bridge mqtt
      shapan simulate --rate 30000 --seed 7           500 a second
    """
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(f"{url!r} is no origin. Give one like http://127.0.0.1:8700.", param_hint="--url")
    if through == "readings" and no_readings:
        raise click.BadParameter("readings cannot be told without readings. Leave out --no-readings.",
                                 param_hint="--through")
    wanted = Wanted(url, rate, seed, duration, scenarios, not no_surprises, through, not no_readings, mqtt, operators,
                    keepers_work, HANDS[hands])
    stop = threading.Event()
    # Another thread sets the event: the handler may run in the middle of the event's own wait, which holds its lock.
    before = {number: signal.signal(number, lambda *_: threading.Thread(target=stop.set, name="signal").start())
              for number in (signal.SIGINT, signal.SIGTERM)}
    status, began = _StatusLine(), time.monotonic()
    try:
        tally = run_simulation(wanted, stop, status.show)
    except Refused as error:
        raise click.ClickException(
            f"{url} refuses the simulator ({error}). It needs an account that may read devices and send alarms, "
            "readings, events and positions, and handle alarms, events and tasks where people work; on one machine, "
            "start the server with its demo account.") from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    status.show(tally)
    if as_json:
        click.echo(json.dumps({"url": url, "mqtt": mqtt and f"{mqtt[0]}:{mqtt[1]}", "seed": seed, "rate": rate,
                               "seconds": round(time.monotonic() - began, 2), **tally.as_json()}, ensure_ascii=False))
    else:
        status.end(tally)


class _StatusLine:
    """One status line: rewritten in place on a terminal, else printed when the connection comes or goes.

    Faults have lines of their own.
    """

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.away: str | None = None
        self.named = 0

    def show(self, tally: Tally) -> None:
        for fault in tally.faults[self.named:]:
            click.echo(("\r\x1b[K" if self.terminal else "") + f"simulate: refused: {fault}", err=True)
        self.named = len(tally.faults)
        if self.terminal:
            click.echo(f"\r\x1b[Ksimulate: {tally.line()}", err=True, nl=False)
        elif bool(tally.away) != bool(self.away) or self.away is None:
            click.echo(f"simulate: {tally.line()}", err=True)
        self.away = tally.away

    def end(self, tally: Tally) -> None:
        click.echo("\r\x1b[K" if self.terminal else "", err=True, nl=False)
        click.echo(f"simulate: {tally.line()}")


def _prepare(directory: Path, overwrite: bool, needed_mb: int) -> None:
    if directory.is_file():
        raise click.ClickException(f"{directory} is a file. Nothing was written. Give a directory.")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"{directory} cannot be made: {error.strerror}. Give a directory that you may write to.") from error
    if any(directory.iterdir()) and not overwrite:
        raise click.ClickException(
            f"{directory} is not empty. Nothing was written. "
            "Give an empty directory, or --overwrite to replace the sample files in it.")
    present = [directory / name for name in FILES if (directory / name).is_file()]
    free_mb = (shutil.disk_usage(directory).free + sum(path.stat().st_size for path in present)) // 1_000_000
    if free_mb < needed_mb:
        raise click.ClickException(
            f"Only {free_mb} MB are free for {directory}, the files need {needed_mb} MB. Nothing was written. "
            "Free some space, or give a directory on another disk.")
    if overwrite:
        for name in FILES:
            (directory / name).unlink(missing_ok=True)


class _Progress:
    """Step names: a spinner on a terminal, plain lines otherwise, nothing when silent."""

    def __init__(self, silent: bool) -> None:
        self.console = Console(stderr=True)
        self.silent = silent
        self.status = None

    def step(self, name: str) -> None:
        if self.silent:
            return
        if self.console.is_terminal:
            self.done()
            self.status = self.console.status(name)
            self.status.start()
        else:
            click.echo(f"sample: {name}", err=True)

    def done(self) -> None:
        if self.status:
            self.status.stop()
            self.status = None
