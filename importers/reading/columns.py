"""Columns of any kind of file made into the few kinds that the rest of the import knows."""

import json

import pyarrow as pa
import pyarrow.compute as pc


def plain(column: pa.Array) -> pa.Array:
    """Return a column as text, whole numbers, real numbers, truth values, bytes, or a list of text.

    Args:
        column: of any type that Arrow has.

    Returns:
        Dates and times as ISO text; exact decimal numbers as text, so that no digit is lost; columns inside a
        column as JSON text.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column, kind = column.storage, column.storage.type
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        column = column.dictionary_decode() if pa.types.is_dictionary(kind) else pc.run_end_decode(column)
        return plain(column)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind) \
            or pa.types.is_boolean(kind) or pa.types.is_binary(kind):
        return column.cast(pa.float32()) if pa.types.is_float16(kind) else column
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_temporal(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind) or pa.types.is_binary_view(kind):
        return column.cast(pa.binary())
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return column
    return pa.array([None if value is None else json.dumps(value, ensure_ascii=False, default=str)
                     for value in column.to_pylist()], pa.string())


def unicode(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return a column of text whose bytes are what text must be: UTF-8.

    A text may end inside a character, where the fields of a table have a width in bytes. The piece of it is left out.

    Args:
        column: of any kind; only text is looked at.

    Returns:
        The column, with U+FFFD in place of other wrong bytes, and the positions of the values that have such.
    """
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column, []
    raw = column.cast(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary())
    try:
        raw.cast(column.type)
    except pa.ArrowInvalid:
        values, wrong = raw.to_pylist(), []
    else:
        return column, []
    texts: list[str | None] = []
    for position, value in enumerate(values):
        text = value
        if value is not None:
            text = value[:_whole(value)].decode("utf-8", "replace")
            if "\ufffd" in text and "\ufffd".encode() not in value:
                wrong.append(position)
        texts.append(text)
    return pa.array(texts, column.type), wrong


def kind(column: pa.DataType) -> str:
    """Return ``text``, ``number`` or ``any`` for an Arrow type, as the mapping knows it."""
    if pa.types.is_dictionary(column):
        return kind(column.value_type)
    if pa.types.is_integer(column) or pa.types.is_floating(column):
        return "number"
    text = pa.types.is_string(column) or pa.types.is_large_string(column) or pa.types.is_string_view(column)
    return "text" if text or pa.types.is_temporal(column) or pa.types.is_decimal(column) else "any"


def _instants(column: pa.Array) -> pa.Array:
    # Arrow's own text of a time has neither the T nor the offset.
    zone = "Z" if column.type.tz else ""
    moments = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if column.type.tz:
        moments = moments.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    text = pc.replace_substring(moments.cast(pa.string()), " ", "T")
    return pc.binary_join_element_wise(text, zone, "")


def _whole(value: bytes) -> int:
    """Return how many bytes stand before a last character that is cut; all of them where none is."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start if error.reason == "unexpected end of data" else len(value)
    return len(value)
