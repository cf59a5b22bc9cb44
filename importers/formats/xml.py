"""What every XML file must keep to, before a library reads it: no document type, no entities, text that we know."""

import re
from pathlib import Path

from importers.formats.base import head, looks_like
from spatial.errors import SourceError

_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)")
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ASCII_LIKE = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1")
_CHINESE = ("gb2312", "gbk", "gb18030", "cp936")
_BLOCK, _OVERLAP = 1 << 22, 64
DEEPEST = 200
"""Elements inside elements at most; GML needs about 20."""

_TAG = re.compile(rb"<(/?)[A-Za-z_][^<>]*?(/?)>", re.DOTALL)


def check(path: Path, folder: Path, name: str, root: str) -> Path:
    """Check an XML file.

    Args:
        path: the file.
        folder: the job's own folder.
        name: of its format, for messages.
        root: regular expression for the name of its outermost element, without prefix.

    Returns:
        The file to read: this one, or a copy in UTF-8 where it is in GBK.

    Raises:
        SourceError: it is something else, cut off, declares a document type or entities, or is in another encoding.
    """
    beginning = head(path)
    start = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
    opening = re.search(rb"<(?:[A-Za-z_][\w.-]*:)?(" + root.encode() + rb")[\s>/]", start)
    declared = _DECLARATION.match(start)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if not start.startswith(b"<") or opening is None:
        words = "an XML document with another root" if start.startswith(b"<?xml") else looks_like(beginning)
        raise SourceError(f"{path.name} is not {name} but {words}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    if encoding not in (*_ASCII_LIKE, *_CHINESE):
        raise SourceError(f"{path.name} is in the encoding {encoding}.", "Nothing was imported. Save it as UTF-8.")
    _scan(path)
    return _translated(path, folder, declared) if encoding in _CHINESE else path


def _scan(path: Path) -> None:
    rest, depth = b"", 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            block = rest + block
            if found := _FORBIDDEN.search(block):
                raise SourceError(f"{path.name} declares a document type or entities (<!{found[1].decode()}).",
                                  "Nothing was imported. Such a declaration can read other files: export it again "
                                  "without.")
            cut = block.rfind(b"<")
            cut = cut if cut > 0 and len(block) - cut < _BLOCK else len(block)
            for tag in _TAG.finditer(block, 0, cut):
                depth += -1 if tag[1] else 0 if tag[2] else 1
                if depth > DEEPEST:
                    raise SourceError(f"{path.name} has elements inside elements {DEEPEST} deep.",
                                      "No map data needs that. Nothing was imported. Export it again.")
            rest = block[cut:]


def _translated(path: Path, folder: Path, declared: re.Match) -> Path:
    copy = folder / path.name
    try:
        with path.open(encoding="gb18030", newline="") as source, \
                copy.open("w", encoding="utf-8", newline="") as target:
            text = source.read(_BLOCK)
            target.write(text.replace(declared[1].decode(), "UTF-8", 1))
            while text := source.read(_BLOCK):
                target.write(text)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} says that it is in {declared[1].decode()}, and is not.",
                          "Nothing was imported. Save it as UTF-8.") from error
    return copy


__all__ = ["check"]
