"""The base of every typed event and of every part of one.

A Struct's own fields carry what the documents describe; `extra` carries, under its documented name and at its own
level, every field that they do not, and every value that does not fit the type they give. Nothing is dropped.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeAlias, TypeVar

import msgspec

from stream_cb.patterns import lazy_pattern

# The name of `extra` in msgspec's own output, where it never stays: a character that is in hardly any text.
EXTRA = "\x7f"


class Extra(dict[str, Any]):
    """Fields of one level that no type describes: documented name → payload value. Read it, do not change it."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the fields of an event cannot be changed")

    __setitem__ = __delitem__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return (Extra, (dict(self),))

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))


NOTHING = Extra()


# A whole number as text, in its one form. Longer ones stay text: Python refuses to read more than 4,300 digits.
INTEGER = lazy_pattern(r"0|-?[1-9][0-9]*")
MAX_DIGITS = 4_000

# The member of a line that names the values which do not fit their types.
MISFITS = "Misfits"

if TYPE_CHECKING:
    _T = TypeVar("_T")
    Maybe: TypeAlias = _T | None
    Whole = int
    Flag = bool
    Paths = tuple[str, ...]
else:

    class Maybe:
        """`Maybe[X] = None`: an X, or absent. JSON's null is not absent but a value that does not fit."""

        def __class_getitem__(cls, kind):
            return kind

    class _Numbers(dict):
        """Text → number; what is missing is looked at more closely."""

        def __missing__(self, value):
            if type(value) is int:
                return value
            if type(value) is str and INTEGER.fullmatch(value) and len(value) <= MAX_DIGITS:
                return int(value)
            raise ValueError(value)

    class _WholeType(type):
        # Both are methods of C objects: no Python runs for the small numbers that nearly all are. `Whole[text]` is
        # what msgspec's hook, `operator.getitem`, makes of a text where a Whole is typed.
        __getitem__ = _Numbers({str(number): number for number in range(1_000)}).__getitem__
        __instancecheck__ = int.__instancecheck__

    class Whole(int, metaclass=_WholeType):
        """A whole number that JSON may also write as text; its values are plain int."""

    class Flag:
        """True or false; its values are plain bool."""

    class Paths(tuple):
        """Paths of values; a plain tuple, which is worked out and never read."""


# A time that says its offset from UTC.
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Node(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename="pascal",
    gc=False,  # events are trees: they hold no cycles, and the collector need not look at millions of them
):
    """A level of an event: snake_case in Python, the documented names in JSON, absent fields left out.

    Absent and empty are one: text is "", a list (), anything else None. `extra` itself appears in no output: the
    encoder lays its fields beside the others.
    """

    extra: Extra = msgspec.field(default=NOTHING, name=EXTRA)


_to_digest = msgspec.json.Encoder(decimal_format="number").encode


class EventNode(Node, frozen=True, kw_only=True):
    """What every event has.

    event_name_inferred: the body named no event, and it was told by what else it holds.
    misfits: paths of the values that do not fit their types and so stand in an `extra` ("Operation.Output").
    """

    event_name_inferred: Flag = False
    misfits: Paths = msgspec.field(default=(), name=MISFITS)

    @property
    def event_name(self) -> str:
        """What the line says first: "TaskFinish", "ReviewImage" …"""
        return str(self.__struct_config__.tag)

    @property
    def identity(self) -> tuple[str, ...]:
        """What two deliveries of the same thing share. Here, the whole event, by its digest."""
        return (self.event_name, self._digest())

    def _digest(self) -> str:
        """BLAKE2b of the event's JSON, in hex."""
        from hashlib import blake2b

        return blake2b(_to_digest(self), digest_size=16).hexdigest()


def present_fields(node: Node) -> Iterator[tuple[str, Any]]:
    """Documented name and value of each typed field that is not absent, in the order of the class."""
    fields = node.__struct_fields__[1:]
    for attribute, name, default in zip(
        fields, node.__struct_encode_fields__[1:], node.__struct_defaults__[1:], strict=True
    ):
        value = getattr(node, attribute)
        if value is not default and value != default:
            yield name, value
