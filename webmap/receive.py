"""Files on their way in: a multipart body goes to the disk as it arrives, never into the memory."""

import errno
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from spatial import disk, uploads
from spatial.errors import DiskNearlyFull, InvalidInput
from spatial.settings import Settings

TEXT_BYTES = 2 * 2**20
"""Texts of a form at most, together: a mapping file is the largest."""
PARTS_MOST = 40
FILES = "file"
"""Part of the form that holds files."""
NAME_CHARACTERS = 200


@dataclass
class Received:
    """What a form brought.

    Attributes:
        upload: holds the files under names of ours.
        form: the texts.
        files: name that a person gave → where the file lies.
        doubled: names that came twice.
        misplaced: parts of the form that came as a file and are none.
    """

    upload: uploads.Upload
    form: MultiDict[str, str]
    files: dict[str, Path] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self.files.values())

    def keep(self, endings: dict[str, Path]) -> None:
        """Give files the names under which the worker looks for them: ending → file."""
        for ending, path in endings.items():
            path.rename(self.upload.path(ending))


def receive(request: Request, settings: Settings) -> Received:
    """Read a form with files.

    Args:
        request: multipart/form-data; its body has not been touched.
        settings: where the files go, how large they may be, and how much space must stay free.

    Returns:
        What came; the caller removes the upload where it is of no use.

    Raises:
        DiskNearlyFull: there is no room for it; what has arrived is deleted.
        InvalidInput: it is no form; what has arrived is deleted.
        werkzeug.exceptions.HTTPException: too large, or the sender has gone; what has arrived is deleted.
    """
    request.max_content_length = settings.upload_mb * disk.MEGABYTE + TEXT_BYTES
    disk.guard_free_space(settings, "the upload", request.content_length or 0)
    upload = uploads.create(settings)
    arrived: list[IO[bytes]] = []

    def open_part(**_: object) -> IO[bytes]:
        arrived.append((upload.folder / f"part-{len(arrived)}").open("x+b"))
        return arrived[-1]

    try:
        parser = FormDataParser(open_part, max_form_memory_size=TEXT_BYTES, silent=False, max_form_parts=PARTS_MOST)
        _, form, files = parser.parse(request.stream, request.mimetype, request.content_length,
                                      request.mimetype_params)
        received = Received(upload, form)
        for place, part in files.items(multi=True):
            path = Path(part.stream.name)
            path.chmod(0o600)
            name = _last_part(part.filename or "")
            if place != FILES:
                received.misplaced.append(place or "")
            elif name in received.files:
                received.doubled.append(name)
            elif name:  # a browser sends an empty part where no file was chosen
                received.files[name] = path
        return received
    except RequestEntityTooLarge as error:
        upload.remove()
        if request.content_length is None or request.content_length > request.max_content_length:
            raise
        raise InvalidInput("The form cannot be read.", [
            ("body", f"holds more than {TEXT_BYTES:,} bytes of text, or more than {PARTS_MOST} parts")]) from error
    except ValueError as error:
        upload.remove()
        raise InvalidInput("The form cannot be read.", [("body", "is no multipart/form-data")]) from error
    except OSError as error:
        upload.remove()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskNearlyFull("The disk became full during the upload.", "Free some space, then send it again.",
                                 ) from error
        raise
    except BaseException:
        upload.remove()
        raise
    finally:
        for part in arrived:
            part.close()


def _last_part(name: str) -> str:
    """Return a file's name without the folders that some browsers put before it."""
    return PureWindowsPath(PurePosixPath(name).name).name
