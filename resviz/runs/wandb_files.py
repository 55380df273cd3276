"""Scalars of a run that Weights & Biases logged offline: `run-ID.wandb`, a log of protobuf records.

The file is LevelDB's log format: blocks of 32 768 bytes, in them pieces of records with their CRC-32, length and kind.
What is cut off or changed ends the reading there. Only numbers are taken, from the records of type "history".
"""

from __future__ import annotations

import json
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from resviz.base.untrusted_files import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = b":W&B\xe1\xbe"
_VERSION = 1
_BLOCK = 32_768
_PIECE = struct.Struct("<IHB")
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_MAX_RECORD = 64_000_000


def wandb_scalars(path: Path) -> Iterator[tuple[int, str, float, float]]:
    """Yield how far the file is read, and tag, step and value of each number that was logged."""
    from google.protobuf.message import DecodeError

    for position, content in _records(path):
        record = _record_class()()
        try:
            record.ParseFromString(content)
        except DecodeError:
            continue
        step = float(record.history.step.num)
        for item in record.history.item:
            value = _number(item)
            if value is not None:
                yield position, item.key or "/".join(item.nested_key), step, value


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a log, each with the place of its end in the file."""
    with opened(path) as file:
        start = file.read(len(_HEADER) + _VERSION)
        if not start.startswith(_HEADER):
            return
        position, parts = len(start), bytearray()
        while True:
            left = _BLOCK - position % _BLOCK
            if left < _PIECE.size:
                file.read(left)
                position += left
            head = file.read(_PIECE.size)
            if len(head) < _PIECE.size:
                return
            crc, length, kind = _PIECE.unpack(head)
            data = file.read(length)
            position += _PIECE.size + length
            whole = len(data) == length and zlib.crc32(data, zlib.crc32(bytes([kind]))) == crc
            if not whole or len(parts) + length > _MAX_RECORD:
                return
            if kind in (_WHOLE, _FIRST):
                parts = bytearray()
            parts += data
            if kind in (_WHOLE, _LAST):
                yield position, bytes(parts)


def _number(item: Any) -> float | None:
    """Return the number that an item has, as older and newer versions write it; None if it has another value."""
    for field in ("number", "integer"):
        if item.HasField(field):
            return float(getattr(item, field))
    try:
        value = json.loads(item.value_json) if item.value_json else None
    except (ValueError, RecursionError):
        return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@cache
def _record_class() -> Any:
    """Return the message class of a record, with the fields that are read: those of `wandb_internal.proto`."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="resviz_wandb.proto", package="resviz_wandb", syntax="proto2")
    kinds = descriptor_pb2.FieldDescriptorProto
    fields = {
        "Step": [("num", 1, kinds.TYPE_INT64, "")],
        "Item": [
            ("key", 1, kinds.TYPE_STRING, ""),
            ("nested_key", 2, kinds.TYPE_STRING, "repeated"),
            ("integer", 5, kinds.TYPE_SINT64, ""),
            ("number", 6, kinds.TYPE_DOUBLE, ""),
            ("value_json", 16, kinds.TYPE_STRING, ""),
        ],
        "History": [("item", 1, "Item", "repeated"), ("step", 2, "Step", "")],
        "Record": [("history", 2, "History", "")],
    }
    for message, own in fields.items():
        made = file.message_type.add(name=message)
        for name, number, kind, label in own:
            field = made.field.add(name=name, number=number)
            field.label = kinds.LABEL_REPEATED if label else kinds.LABEL_OPTIONAL
            if isinstance(kind, str):
                field.type, field.type_name = kinds.TYPE_MESSAGE, f".resviz_wandb.{kind}"
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("resviz_wandb.Record"))
