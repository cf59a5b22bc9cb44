"""What the form of an upload asks for, and everything that is wrong with it."""

import unicodedata
from pathlib import Path, PurePath
from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean
from apiflask.validators import Length, OneOf
from marshmallow import RAISE, ValidationError

from webmap.fields import Text
from webmap.receive import NAME_CHARACTERS, Received

Faults = list[tuple[str, str]]
"""Place in the form → what is wrong there."""

MAPPING_BYTES = 2**17
"""Largest mapping that the import worker reads."""

SHOWN_CHARACTERS = 60
"""So much of a name that nobody knows is repeated in an answer."""


def _share(value: str) -> None:
    number, percent = value.removesuffix("%"), value.endswith("%")
    try:
        good = float(number) <= 100 if percent else number.isdigit() and len(number) <= 12
    except ValueError:
        good = False
    if not good or not number.isascii() or not number.replace(".", "", 1).isdigit():
        raise ValidationError("write a number of rows such as 12, or a share such as 5%")


def _percent(value: str) -> None:
    if not value.endswith("%"):
        raise ValidationError("write how much of its area a mended outline may gain or lose, such as 1%")
    _share(value)


def _one_line(value: str) -> None:
    if not _printable(value):
        raise ValidationError("holds a control character; write it in one line")


def _no_larger_than_a_file(value: str) -> None:
    if len(value.encode()) > MAPPING_BYTES:
        raise ValidationError(f"has more than the {MAPPING_BYTES:,} bytes of a mapping file")


class OptionsIn(Schema):
    """How files are to be imported: the options of the command line."""

    class Meta:
        # An option that is not known would be one that is not heeded.
        unknown = RAISE

    concept = Text(required=True)
    crs = Text(validate=[Length(max=2000), _one_line])
    override_crs = Boolean()
    swap_axes = Boolean()
    source = Text(validate=[Length(1, 100), _one_line])
    key = Text(validate=[Length(max=1000), _one_line])
    layer = Text(validate=[Length(max=200), _one_line])
    max_rejects = Text(validate=_share)
    on_conflict = Text(validate=OneOf(["update", "skip", "fail"]))
    outside = Text(validate=OneOf(["keep", "reject"]))
    dry_run = Boolean()
    repair = Text(validate=_percent)
    mapping = Text(validate=_no_larger_than_a_file, load_default="")


def read_options(received: Received, catalogue: dict[str, Any]) -> tuple[dict[str, Any], Faults]:
    """Return the options of a form and what is wrong with them.

    Args:
        received: the form; empty texts count as not given.
        catalogue: what the import worker can take.
    """
    given = {name: texts[0] for name, texts in received.form.lists() if texts != [""]}
    faults = []
    try:
        options = OptionsIn().load(given)
    except ValidationError as error:
        options = error.valid_data
        faults = [(_shown(name), " ".join(map(str, texts))) for name, texts in error.messages_dict.items()]
    faults += [(_shown(name), "came more than once") for name, texts in received.form.lists() if len(texts) > 1]
    known = [concept["name"] for concept in catalogue["concepts"]]
    if not known:
        faults.append(("concept", "no import worker has run here yet; shapan serve starts one"))
    elif options.get("concept", known[0]) not in known:
        faults.append(("concept", f"is none of {', '.join(known)}"))
    return options, faults


def read_files(received: Received, catalogue: dict[str, Any]) -> tuple[str, dict[str, Path], Faults]:
    """Return the main file's name, ending → file with the main one first, and what is wrong.

    Args:
        received: the files.
        catalogue: endings that are read, and which others may come beside.
    """
    if not received.files and not received.misplaced:
        return "", {}, [("file", "is needed")]
    faults = [(_shown(name), "came as a file; send files as `file` and options as text") for name in received.misplaced]
    faults += [("file", f"{_shown(name)!r} came twice") for name in received.doubled]
    faults += [("file", f"a name has more than {NAME_CHARACTERS} characters") for name in received.files
               if len(name) > NAME_CHARACTERS]
    faults += [("file", "a name holds a control character, or cannot be stored") for name in received.files
               if not _printable(name)]
    endings = {PurePath(name).suffix.lower(): path for name, path in received.files.items()}
    main = next((ending for ending in catalogue["endings"] if ending in endings), None)
    if main is None:
        known = ", ".join(catalogue["endings"])
        return "", {}, [*faults, ("file", f"has an ending that is not read; write one of {known}")]
    beside = catalogue["beside"].get(main, ())
    stems = {PurePath(name).stem for name in received.files}
    if len(stems) > 1 or len(endings) < len(received.files) or any(e not in (main, *beside) for e in endings):
        faults.append(("file", "send one file, or the parts of one shapefile (.shp, .shx, .dbf, .prj, .cpg)"))
    name = next(name for name in received.files if PurePath(name).suffix.lower() == main)
    return name, {main: endings.pop(main), **endings}, faults


def _shown(name: str | None) -> str:
    if not name:
        return "(a part without a name)"
    return name if len(name) <= SHOWN_CHARACTERS else f"{name[:SHOWN_CHARACTERS]}…"


def _printable(text: str) -> bool:
    """Tell whether a text is without control characters (Cc) and halves of surrogate pairs (Cs)."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
