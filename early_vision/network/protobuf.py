"""Protocol buffers as bytes on the wire: enough to read messages field by field, without their classes.

Every length is checked against what is there, nothing is copied, and the fields of a message are counted: the time and
memory that a file takes are bounded by its own size. https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10
EMPTY = memoryview(b"")


class Field(NamedTuple):
    """A field of a message.

    Attributes:
        number: which field.
        wire: its wire type.
        integer: its value where the wire type is VARINT, not negative; else 0.
        content: its value where the wire type is another one; else empty.
    """

    number: int
    wire: int
    integer: int = 0
    content: memoryview = EMPTY


def fields(message: memoryview, most: int) -> Iterator[Field]:
    """The fields of a message, in their order.

    Args:
        message: its bytes.
        most: how many fields it may have.

    Raises:
        ValueError: when this is no message, it is cut off, or it has more fields.
    """
    at, end, count = 0, len(message), 0
    while at < end:
        count += 1
        if count > most:
            raise ValueError(f"a message has more than {most} fields")
        tag, at = varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, at = varint(message, at)
            yield Field(number, wire, integer=value)
            continue
        if wire == BYTES:
            size, at = varint(message, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        else:
            raise ValueError(f"a field has the wire type {wire}")
        if number == 0 or size > end - at:
            raise ValueError("a field has the number 0" if number == 0 else "a field goes on beyond the end")
        yield Field(number, wire, content=message[at : at + size])
        at += size


def varint(message: memoryview, at: int) -> tuple[int, int]:
    """The integer at a place, not negative, and the place after it.

    Raises:
        ValueError: when it does not end.
    """
    value = 0
    for index, byte in enumerate(message[at : at + LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + index + 1
    raise ValueError("a number does not end")


def packed(message: memoryview, most: int) -> list[int]:
    """Up to so many integers that stand one after the other.

    Raises:
        ValueError: when the last one does not end.
    """
    found: list[int] = []
    at = 0
    while at < len(message) and len(found) < most:
        value, at = varint(message, at)
        found.append(value)
    return found


def signed(value: int) -> int:
    """A varint as the int64 that it stands for."""
    return value - (1 << 64) if value >= 1 << 63 else value
