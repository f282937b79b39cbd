"""What can go wrong, as a tree of exceptions.

Every exception has the engine's stable ``code``, the ``field`` and ``value`` that are wrong and a ``hint`` that says
what would be right, each where there is one:

>>> import shortlist
>>> with shortlist.Engine.in_memory() as engine:
...     try:
...         engine.search(limit=0)
...     except shortlist.OutOfRangeError as error:
...         print(error.code, error.field, error.value, error.hint)
SL1003 limit 0 1 to 1000

``CallerError`` is whose call it was to mend, ``OperatorError`` whoever runs the process, ``InternalError`` the engine's
authors.
"""

from __future__ import annotations

__all__ = [
    "BeingIndexedError",
    "CallerError",
    "CancelledError",
    "ClosedError",
    "ConditionNotMetError",
    "CursorRefusedError",
    "DamagedError",
    "DiskFullError",
    "DuplicateIdError",
    "EmbedderFailedError",
    "EmbedderMismatchError",
    "EmbeddingsFileError",
    "ForkedError",
    "HoldEndedError",
    "InternalError",
    "InvalidEmbeddingError",
    "JournalBehindError",
    "LockedError",
    "MalformedError",
    "MappingError",
    "MissingFieldError",
    "NewerFormatError",
    "NoPlaceError",
    "NotAnIndexError",
    "NotFoundError",
    "NotYetError",
    "OperatorError",
    "OutOfRangeError",
    "PostgresError",
    "ReadOnlyError",
    "RemovedFieldError",
    "ShortlistError",
    "StorageError",
    "TimedOutError",
    "TooLargeError",
    "UnknownFieldError",
    "WrongDimensionError",
    "WrongTypeError",
]


class ShortlistError(Exception):
    """Whatever the engine refuses."""

    code: str = "SL0000"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        value: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        self.field = field
        self.value = value
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.code in self.message else f"{self.code}: {self.message}"

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.message, self.code, self.field, self.value, self.hint)


def _again(
    kind: type[ShortlistError], message: str, code: str, field: str | None, value: str | None, hint: str | None
) -> ShortlistError:
    return kind(message, code=code, field=field, value=value, hint=hint)


class CallerError(ShortlistError):
    """The request or the profile is wrong, and must change."""


class OperatorError(ShortlistError):
    """Whoever runs the process must act: its disk, its files, its servers, its versions."""


class InternalError(ShortlistError):
    """A defect of the engine, which stays usable. Please report it."""


class UnknownFieldError(CallerError, ValueError):
    """A field that the request, profile or schema does not have."""

    code = "SL1001"


class WrongTypeError(CallerError, TypeError):
    """A value of another kind than its field takes."""

    code = "SL1002"


class OutOfRangeError(CallerError, ValueError):
    """A value of the right kind, outside of what its field allows."""

    code = "SL1003"


class MissingFieldError(CallerError, ValueError):
    """A field that must be given."""

    code = "SL1004"


class InvalidEmbeddingError(CallerError, ValueError):
    """An embedding that cannot be compared: not finite, or all zero."""

    code = "SL1005"


class WrongDimensionError(CallerError, ValueError):
    """An embedding of another length than the index's."""

    code = "SL1006"


class DuplicateIdError(CallerError, ValueError):
    """The same id twice in one batch or build."""

    code = "SL1007"


class MalformedError(CallerError, ValueError):
    """Text that does not parse as what it should be."""

    code = "SL1008"


class TooLargeError(CallerError, ValueError):
    """Something over one of the stated limits."""

    code = "SL1009"


class CursorRefusedError(CallerError, ValueError):
    """A cursor that cannot be used with this request."""

    code = "SL1010"


class NotFoundError(CallerError, LookupError):
    """An id that the index does not hold."""

    code = "SL1011"


class EmbedderMismatchError(CallerError, ValueError):
    """An embedder that is not the one the index was made with."""

    code = "SL1012"


class TimedOutError(CallerError, TimeoutError):
    """A request that ran longer than its own ``timeout_ms``."""

    code = "SL1013"


class EmbeddingsFileError(CallerError, ValueError):
    """An embeddings file whose rows do not fit the records beside it."""

    code = "SL1014"


class ConditionNotMetError(CallerError):
    """A patch whose condition does not hold; nothing of its batch was applied."""

    code = "SL1021"


class NotYetError(CallerError, TimeoutError):
    """A generation that was waited for and did not come."""

    code = "SL1020"


class ReadOnlyError(CallerError):
    """A write to an index that was opened to be read."""

    code = "SL1022"


class BeingIndexedError(CallerError):
    """An attribute that was added to an index that has data, and whose values are not all read yet."""

    code = "SL1023"


class RemovedFieldError(CallerError, LookupError):
    """An attribute that was removed from the schema."""

    code = "SL1024"


class NoPlaceError(CallerError):
    """An advisor of whose capacity no place can be held."""

    code = "SL1040"


class HoldEndedError(CallerError):
    """A hold that has lapsed, was confirmed or released, or never was."""

    code = "SL1041"


class CancelledError(CallerError):
    """A call that was called off."""

    code = "SL1030"


class NotAnIndexError(OperatorError):
    """A path that holds no index."""

    code = "SL2001"


class DamagedError(OperatorError):
    """An index file that is not what was written."""

    code = "SL2002"


class NewerFormatError(OperatorError):
    """An index file of a format that this version does not know."""

    code = "SL2003"


class StorageError(OperatorError):
    """The operating system refused a file operation."""

    code = "SL2004"


class DiskFullError(OperatorError):
    """There is no room left where the index is written."""

    code = "SL2005"


class LockedError(OperatorError):
    """Another process writes this index."""

    code = "SL2006"


class JournalBehindError(OperatorError):
    """A journal that lost what it had acknowledged, and is being begun anew from what the engine holds."""

    code = "SL2008"


class ForkedError(OperatorError, RuntimeError):
    """A call in a process that was forked off the one that opened the engine."""

    code = "SL2009"


class ClosedError(OperatorError):
    """A call to an engine that was closed."""

    code = "SL2010"


class PostgresError(OperatorError):
    """Postgres refused, or could not be reached."""

    code = "SL2020"


class MappingError(OperatorError):
    """A mapping that does not fit the database it is read from."""

    code = "SL2021"


class EmbedderFailedError(OperatorError):
    """What makes embeddings from text did not."""

    code = "SL2040"


def _leaves(kind: type[ShortlistError]) -> list[type[ShortlistError]]:
    below = kind.__subclasses__()
    return [leaf for one in below for leaf in _leaves(one)] if below else [kind]


BY_CODE: dict[str, type[ShortlistError]] = {leaf.code: leaf for leaf in _leaves(ShortlistError)}
BY_CODE["SL3001"] = InternalError
BY_CODE.pop("SL0000", None)


def of_code(
    code: str, message: str, field: str | None, value: str | None, hint: str | None
) -> ShortlistError:
    """The exception of an error of the engine's. A code that this version does not know is of its kind."""
    kind = BY_CODE.get(code) or {"1": CallerError, "2": OperatorError}.get(code[2:3], InternalError)
    return kind(message, code=code, field=field, value=value, hint=hint or None)
