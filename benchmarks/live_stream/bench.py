"""The run as a whole: what is measured when, the tables, and the command line."""

import argparse
import json
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.live_stream import measure
from benchmarks.live_stream.measure import Delay, Intake, Recovery
from benchmarks.live_stream.service import Service, put_devices
from benchmarks.tile_servers.bench import ended_by_signals, machine, say
from benchmarks.tile_servers.city import City
from benchmarks.tile_servers.results import table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- benchmarks/live.py writes from here -->", "<!-- to here: live -->"

BUILDINGS = 10_000


@dataclass
class Results:
    """Everything that was found."""

    machine: str
    short: bool
    delays: list[Delay] = field(default_factory=list)
    intakes: list[Intake] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)

    def markdown(self) -> str:
        """Return all tables."""
        return "\n".join([
            *(["A short run (`--quick`)."] if self.short else []), f"{self.machine}.",
            "", "**From a message's posting to every open stream**", "",
            *table(("messages/s", "streams", "new alarms", "received", "missing", "begun anew", "p50 ms", "p99 ms",
                    "longest ms"),
                   [(f"{d.rate:g}", f"{d.streams:,}", f"{d.alarms:,}", f"{d.received:,}", d.missing, d.resyncs,
                     f"{d.p50_ms:,.0f}", f"{d.p99_ms:,.0f}", f"{d.most_ms:,.0f}") for d in self.delays]),
            "", "**Messages in, counted at both ends**", "",
            *table(("messages/s", "for", "in batches of", "reached/s", "sent", "acknowledged", "on record",
                    "requests sent again", "p50 ms", "p99 ms", "service MB before, after", "all told after s"),
                   [(f"{i.rate:,.0f}", f"{i.seconds:g} s", i.size, f"{i.reached:,.0f}", f"{i.sent:,}",
                     f"{i.acknowledged:,}", f"{i.on_record:,}", i.repeated, f"{i.p50_ms:,.0f}", f"{i.p99_ms:,.0f}",
                     f"{i.memory_mb[0]:,.0f}, {i.memory_mb[1]:,.0f}", f"{i.told_s:.1f}") for i in self.intakes]),
            "", "**Broken under load**", "",
            *table(("what", "messages/s", "times", "median s without acknowledgement", "longest", "acknowledged",
                    "of these on record", "requests sent again"),
                   [({"service": "service killed (signal 9), started again",
                      "database": "database stopped at once, started again"}[r.what], f"{r.rate:g}", len(r.silent_s),
                     f"{measure.middle(r.silent_s):.1f}", f"{max(r.silent_s):.1f}", f"{r.acknowledged:,}",
                     f"{r.on_record:,}", r.repeated) for r in self.recoveries]),
        ])


def main(description: str) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--streams", type=int, help="open at once; default 1000, 100 with --quick")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the rate that must last")
    parser.add_argument("--write-docs", action="store_true", help="tables into docs/performance.md")
    arguments = parser.parse_args()
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="shapan-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the account that runs PostgreSQL must pass
        results = Results(machine(), arguments.quick)
        city = City(folder)
        try:
            run(city, folder, arguments, results)
        except BaseException:
            print(f"UNFINISHED\n\n{results.markdown()}")
            raise
        finally:
            city.close()
    if arguments.write_docs:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{results.markdown()}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    print(json.dumps(asdict(results), ensure_ascii=False) if arguments.json else results.markdown())


def run(city: City, folder: Path, arguments: argparse.Namespace, results: Results) -> None:
    """Measure one thing after the other, each with a service that has just begun; a short run has one for all."""
    quick = arguments.quick
    city.grow(0, 1000 if quick else BUILDINGS)
    devices = put_devices(city, 1000 if quick else 5000)
    streams = arguments.streams or (100 if quick else 1000)
    with Service(city, folder, streams + 100) if quick else nullcontext() as shared:
        measure_all(city, folder, arguments, results, devices, streams, shared)


def measure_all(city: City, folder: Path, arguments: argparse.Namespace, results: Results, devices: list[str],
                streams: int, shared: Service | None) -> None:
    """Measure delays, intakes and recoveries, with a shared service or one for each."""
    quick = arguments.quick

    def served(count: int = 0) -> AbstractContextManager[Service]:
        return nullcontext(shared) if shared else Service(city, folder, count + 100)

    for count in (streams,) if quick else (1, streams):
        say(f"{count} streams, 50 messages a second")
        with served(count) as service:
            results.delays.append(measure.delay(city, service, devices, 50, 4 if quick else 30, count, folder))
    for rate, seconds, size in ((500, 4 if quick else 60 * arguments.minutes, 25), (2000, 2 if quick else 10, 100)):
        say(f"{rate} messages a second for {seconds:g} s")
        with served() as service:
            time.sleep(0 if quick else 2)
            results.intakes.append(measure.intake(city, service, devices, rate, seconds, size))
    for what in ("service", "database"):
        say(f"{what} broken under load")
        with served() as service:
            results.recoveries.append(measure.recovery(city, service, devices, 200, 1 if quick else 5, what))
