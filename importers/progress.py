"""Progress while a run works: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_S = 5.0


class Watcher(Protocol):
    """Is told how a run goes on."""

    def begin(self, title: str, total: int | None) -> None:
        """A run begins; ``total`` rows are announced, None where the file does not say."""

    def read(self, rows: int) -> None:
        """So many rows have been read and staged by now."""

    def step(self, name: str) -> None:
        """All rows are staged; what comes next."""

    def end(self) -> None:
        """The run has ended, well or not."""


class Silent:
    """Says nothing."""

    def begin(self, title: str, total: int | None) -> None:
        """See :class:`Watcher`."""

    def read(self, rows: int) -> None:
        """See :class:`Watcher`."""

    def step(self, name: str) -> None:
        """See :class:`Watcher`."""

    def end(self) -> None:
        """See :class:`Watcher`."""


class Lines:
    """Writes a line to standard error every few seconds."""

    def begin(self, title: str, total: int | None) -> None:
        """See :class:`Watcher`."""
        self._title, self._total = title, total
        self._start = self._last = time.monotonic()

    def read(self, rows: int) -> None:
        """See :class:`Watcher`."""
        now = time.monotonic()
        if now - self._last < LINE_EVERY_S:
            return
        self._last = now
        rate = rows / (now - self._start)
        share = f" of {self._total:,}, {max(0, self._total - rows) / rate:,.0f} s left" if self._total else ""
        click.echo(f"{self._title}: {rows:,} rows{share}, {rate:,.0f} rows/s", err=True)

    def step(self, name: str) -> None:
        """See :class:`Watcher`."""
        if time.monotonic() - self._start >= LINE_EVERY_S:
            click.echo(f"{self._title}: {name}", err=True)

    def end(self) -> None:
        """See :class:`Watcher`."""


class Bar:
    """Draws a bar on standard error, gone when the run has ended."""

    def begin(self, title: str, total: int | None) -> None:
        """See :class:`Watcher`."""
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
        self._title, self._start = title, time.monotonic()
        self._task = self._bar.add_task(title, total=total, rate="")
        self._bar.start()

    def read(self, rows: int) -> None:
        """See :class:`Watcher`."""
        rate = rows / max(time.monotonic() - self._start, 1e-6)
        self._bar.update(self._task, completed=rows, rate=f"{rate:,.0f} rows/s")

    def step(self, name: str) -> None:
        """See :class:`Watcher`."""
        self._bar.update(self._task, description=f"{self._title}: {name}")

    def end(self) -> None:
        """See :class:`Watcher`."""
        self._bar.stop()


def watcher(quiet: bool) -> Watcher:
    """Return the watcher that suits standard error: none, a bar on a terminal, else lines."""
    if quiet:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()
