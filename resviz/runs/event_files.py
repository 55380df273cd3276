"""Scalars of TensorBoard's event files: TFRecord files of protobuf events."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from resviz.base.untrusted_files import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_RECORD = 64_000_000
_HEADER = struct.Struct("<QI")


def event_scalars(path: Path) -> Iterator[tuple[int, str, float, float]]:
    """Yield how far the file is read, and tag, step and value of each scalar."""
    position = 0
    for record in _records(path):
        position += len(record)
        found = _scalars(record)
        for tag, step, value in found or [("", 0.0, 0.0)]:
            yield position, tag, step, value


def _records(path: Path) -> Iterator[bytes]:
    """Return the records of a TFRecord file up to the first that is cut off or changed.

    Length, its CRC-32C, data, its CRC.
    """
    from tensorboardX.crc32c import crc32c

    with opened(path) as file:
        while True:
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return
            length, crc = _HEADER.unpack(header)
            if length > MAX_RECORD or _masked(crc32c(header[:8])) != crc:
                return
            data, sum_ = file.read(length), file.read(4)
            if len(data) < length or len(sum_) < 4 or _masked(crc32c(data)) != struct.unpack("<I", sum_)[0]:
                return
            yield data


def _masked(crc: int) -> int:
    """As TFRecord files keep it."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _scalars(record: bytes) -> list[tuple[str, float, float]]:
    """(tag, step, value) of an event's scalars: plain ones, and those that newer writers keep as tensors."""
    from google.protobuf.message import DecodeError
    from tensorboardX.proto.event_pb2 import Event

    event = Event()
    try:
        event.ParseFromString(record)
    except DecodeError:
        return []
    found = []
    for value in event.summary.value:
        if value.HasField("simple_value"):
            found.append((value.tag, float(event.step), float(value.simple_value)))
        elif value.HasField("tensor") and not value.tensor.tensor_shape.dim:
            number = _of_tensor(value.tensor)
            if number is not None:
                found.append((value.tag, float(event.step), number))
    return found


def _of_tensor(tensor: object) -> float | None:
    """Return a scalar tensor of float32 or float64, however it is written down."""
    kind = {1: ("f", "float_val"), 2: ("d", "double_val")}.get(tensor.dtype)  # type: ignore[attr-defined]
    if kind is None:
        return None
    values = getattr(tensor, kind[1])
    if len(values) == 1:
        return float(values[0])
    content = tensor.tensor_content  # type: ignore[attr-defined]
    form = struct.Struct(f"<{kind[0]}")
    return float(form.unpack(content)[0]) if len(content) == form.size else None
