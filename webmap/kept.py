"""What is kept of a file that was sent: its rejected rows, and how it was to be imported."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from flask import Response, send_file

from spatial.errors import NotFound
from spatial.queries import imports as queries
from spatial.uploads import Upload

TYPES = {".gpkg": "application/geopackage+sqlite3", ".csv": "text/csv"}

SENT_AGAIN = ("crs", "override_crs", "swap_axes", "outside", "source", "key", "on_conflict", "repair")
"""Options that a corrected file shares with the one that it corrects. Its layer is the only one that it has."""


@dataclass(frozen=True)
class Kept:
    """What is kept of one run.

    Attributes:
        run: the run.
        upload: its files; None for a run from the command line, and after their time.
        held: a process is at work on it.
        personal: its rows hold personal values; none of them leaves by a browser.
        lost: why there is no reject file, where one was wanted.
        days: how long it is kept.
    """

    run: queries.Run
    upload: Upload | None
    held: bool
    personal: bool
    lost: str | None
    days: int

    def reject_file(self) -> dict[str, Any] | None:
        """Return what there is to download as JSON; None where nothing was rejected, or nothing was sent.

        ``state`` is ``ready``, with name, bytes and the instant of deletion; ``writing``; ``withheld`` for rows of
        people; or ``gone``, with ``why`` where more is known than that its time is over.
        """
        run = self.run
        if run.queued_at is None or run.state not in ("done", "failed") or not run.rejected:
            return None
        if self.personal:
            return {"state": "withheld"}
        path = self.upload and self.upload.rejects
        if path:
            return {"state": "ready", "name": self._name(path.suffix), "bytes": path.stat().st_size,
                    "until": (run.finished_at + timedelta(days=self.days)).isoformat()}
        return {"state": "writing"} if self.upload and self.held else {"state": "gone", "why": self.lost}

    def request(self) -> dict[str, Any] | None:
        """Return how the file was to be imported, for one that corrects it; None where that is not known any more.

        An expression for people may hold a value out of their file: neither mapping nor key are told.
        """
        asked = self.upload and self.upload.request()
        if not asked:
            return None
        told = {name: asked[name] for name in SENT_AGAIN if asked.get(name) and not (self.personal and name == "key")}
        mapping = self.upload.mapping if not self.personal else None
        # The source tells whose rows they are, whatever the corrected file is called.
        return {"concept": self.run.concept, **told, "source": self.run.source,
                "mapping": mapping.read_text(encoding="utf-8") if mapping else ""}

    def download(self) -> Response:
        """Return the reject file as an attachment that no browser keeps.

        Raises:
            NotFound: there is none, or it holds people.
        """
        told = self.reject_file()
        path = self.upload and self.upload.rejects
        if not told or told["state"] != "ready" or path is None:
            why = "its rows hold personal values" if self.personal else "there is none, or its time is over"
            raise NotFound(f"No reject file of run {self.run.id}: {why}.",
                           "On the server: shapan import CONCEPT FILE --rejects FILE.gpkg")
        try:
            answer = send_file(path, TYPES[path.suffix], as_attachment=True, download_name=told["name"],
                               conditional=False, etag=False)
        except FileNotFoundError as error:
            raise NotFound(f"The reject file of run {self.run.id} has just been deleted.", "Send the file again.",
                           ) from error
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _name(self, ending: str) -> str:
        """Return the file's name with ``.rejects``, which an import takes off again, as every system can store it."""
        stem = PurePath(self.run.file).stem.removesuffix(".rejects")
        plain = "".join(one if one.isprintable() and one not in '<>:"/\\|?*' else "_" for one in stem)
        return f"{plain}.rejects{ending}"
