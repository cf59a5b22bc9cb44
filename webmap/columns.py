"""Columnar answers (列式应答): numbers of many rows as a browser takes them into typed arrays without a look at each.

Four bytes with the length of the head (little-endian), the head (JSON, UTF-8), then the columns one after the other,
each padded to eight bytes. ``columns`` in the head names each with its type and the byte at which it begins, counted
from the end of the head, which is padded as well.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

MEDIA_TYPE = "application/vnd.shapan.columns"

ALIGNED = 8

NAMES = {"<f8": "float64", "<i4": "int32", "<i2": "int16", "|i1": "int8"}
"""numpy's types and what a head calls them."""


def pack(head: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> bytes:
    """Return head and columns of equal length as one body."""
    described, parts, offset = [], [], 0
    for name, column in columns.items():
        body = _padded(column.tobytes())
        described.append({"name": name, "type": NAMES[column.dtype.str], "offset": offset, "length": len(column)})
        parts.append(body)
        offset += len(body)
    text = json.dumps({**head, "columns": described}, ensure_ascii=False).encode()
    # Blanks behind JSON mean nothing: the columns begin at a multiple of eight.
    text += b" " * (-(len(text) + 4) % ALIGNED)
    return b"".join((struct.pack("<I", len(text)), text, *parts))


def _padded(body: bytes) -> bytes:
    return body + bytes(-len(body) % ALIGNED)
