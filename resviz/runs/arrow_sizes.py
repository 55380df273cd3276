"""How much memory a record batch of an Arrow stream will take, read from its header before Arrow sees it.

Arrow takes at its word what a compressed buffer says its size is: a few kilobytes can say gigabytes. A batch's message
is a FlatBuffers table, and each compressed buffer begins with its size as int64; see Arrow's Message.fbs.
"""

from __future__ import annotations

import struct

_CONTINUATION = 0xFFFFFFFF
_MESSAGE_HEADER, _MESSAGE_BODY, _BATCH_BUFFERS, _BATCH_COMPRESSION = 2, 3, 2, 3
"""Places of the fields in their tables."""
_HEADER_TYPE, _RECORD_BATCH = 1, 3
_BUFFER = struct.Struct("<qq")


class StreamError(ValueError):
    """A stream whose messages don't fit together."""


def decoded_size(stream: bytes | memoryview) -> int:
    """Return how many bytes the batches of a stream take when decoded. Raise StreamError if that is unclear."""
    data, place, total = memoryview(stream).cast("B"), 0, 0
    try:
        while place + 8 <= len(data):
            mark, length = struct.unpack_from("<Ii", data, place)
            if mark != _CONTINUATION or length <= 0:
                break
            metadata = data[place + 8 : place + 8 + length]
            body_length, sizes = _batch(metadata, data, place + 8 + length)
            total += sizes
            place += 8 + length + body_length
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise StreamError(str(error)) from None
    return total


def _batch(metadata: memoryview, data: memoryview, body: int) -> tuple[int, int]:
    """Return the length of a message's body and the decoded size of its buffers."""
    message = struct.unpack_from("<I", metadata, 0)[0]
    length_at = _field(metadata, message, _MESSAGE_BODY)
    body_length = struct.unpack_from("<q", metadata, length_at)[0] if length_at else 0
    if body_length < 0 or body + body_length > len(data):
        raise StreamError("a body is longer than the stream")
    kind_at, header_at = _field(metadata, message, _HEADER_TYPE), _field(metadata, message, _MESSAGE_HEADER)
    if not kind_at or metadata[kind_at] != _RECORD_BATCH or not header_at:
        return body_length, 0
    batch = header_at + struct.unpack_from("<I", metadata, header_at)[0]
    buffers_at = _field(metadata, batch, _BATCH_BUFFERS)
    if not buffers_at:
        return body_length, 0
    compressed = bool(_field(metadata, batch, _BATCH_COMPRESSION))
    vector = buffers_at + struct.unpack_from("<I", metadata, buffers_at)[0]
    total = 0
    for index in range(struct.unpack_from("<I", metadata, vector)[0]):
        offset, length = _BUFFER.unpack_from(metadata, vector + 4 + index * _BUFFER.size)
        if offset < 0 or length < 0 or offset + length > body_length:
            raise StreamError("a buffer is longer than its body")
        stored = struct.unpack_from("<q", data, body + offset)[0] if compressed and length >= 8 else -1
        total += length if stored < 0 else stored  # -1: this one is not compressed
    return body_length, total


def _field(buffer: memoryview, table: int, number: int) -> int:
    """Return where a field of a FlatBuffers table is; 0 for one that the table does not have."""
    vtable = table - struct.unpack_from("<i", buffer, table)[0]
    size = struct.unpack_from("<H", buffer, vtable)[0]
    entry = 4 + 2 * number
    offset = struct.unpack_from("<H", buffer, vtable + entry)[0] if entry + 2 <= size else 0
    return table + offset if offset else 0
