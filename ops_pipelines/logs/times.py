"""Times of log lines, whole microseconds since 1970 in UTC: ISO 8601 with any offset, or epochs.

`parse` is the law, for one value; `parse_all` says the same of many texts at once.
"""

import json
import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

BAD = -(1 << 63)
"""Stands in arrays where a value is no time."""
NONE = BAD + 1
"""And where there is none."""
LATEST_EPOCH_SECONDS = 4_102_444_800  # 2100: a larger number of seconds is one of milliseconds
EARLIEST_US, LATEST_US = -62_104_060_800_000_000, 127_174_492_800_000_000
"""From the year 2 to the year 6000: zones and calendars hold. The year 1 is how Go says "never"."""
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
MINUTE = 60_000_000
_CHUNK = 8192  # texts at once: what is worked on stays in the processor's cache
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt]| +)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r" ?(?:([Zz]|UTC|GMT)|([+-])(\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
_BASIC = re.compile(r"\d{8}[Tt]\d{4}.*", re.ASCII)
_NUMBER = re.compile(r"\d{9,}(\.\d*)?", re.ASCII)


def parse(value: Any, zone: ZoneInfo, unit: str | None = None, form: str | None = None) -> int:
    """The time that `value`, a text or a number, names; `BAD` when it names none.

    A text without an offset is in `zone`. A number counts from 1970 in `unit`; without one its
    size tells. `form` is a format of `strptime`, tried before ISO 8601.
    """
    if isinstance(value, str):
        found = _parse_text(value.strip(), zone, unit, form)
        return found if EARLIEST_US <= found < LATEST_US else BAD
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _parse_number(value, unit)
    return BAD


def microseconds(moment: datetime) -> int:
    """An aware time as this module has it."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(time_us: int) -> datetime:
    """The aware time, in UTC."""
    return _EPOCH + timedelta(microseconds=int(time_us))


def _parse_text(text: str, zone: ZoneInfo, unit: str | None, form: str | None) -> int:
    try:
        if form is not None and (found := _by_form(text, form)):
            return _placed(found, zone)
        if match := _ISO.fullmatch(text):
            return _iso(match, zone)
        if _NUMBER.fullmatch(text):
            return _parse_number(int(text) if text.isdecimal() else float(text), unit)
        if _BASIC.fullmatch(text):
            return _placed(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        pass
    return BAD


def _by_form(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - placed in its zone by the caller
    except ValueError:
        return None


def _iso(match: re.Match[str], zone: ZoneInfo) -> int:
    year, month, day, hour, minute, second, fraction, utc, sign, off_hour, off_minute = (
        match.groups()
    )
    micro = int(f"{fraction or '':0<6.6}")
    local = datetime(  # noqa: DTZ001 - its zone follows
        int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro
    )
    if utc:
        return _placed(local.replace(tzinfo=UTC), zone)
    if not sign:
        return _placed(local, zone)
    hours, minutes = int(off_hour), int(off_minute or 0)
    if hours > 23 or minutes > 59:
        return BAD
    offset = (hours * 60 + minutes) * MINUTE
    return _placed(local.replace(tzinfo=UTC), zone) - (offset if sign == "+" else -offset)


def _placed(found: datetime, zone: ZoneInfo) -> int:
    return microseconds(found if found.tzinfo else found.replace(tzinfo=zone))


def _parse_number(value: float, unit: str | None) -> int:
    if not 0 <= value < math.inf:
        return BAD
    ticks = (
        PER_SECOND[unit]
        if unit
        else next((t for t in PER_SECOND.values() if value <= LATEST_EPOCH_SECONDS * t), 0)
    )
    if not ticks or value > LATEST_EPOCH_SECONDS * ticks:
        return BAD
    if isinstance(value, int):
        return value * 1_000_000 // ticks
    return math.floor(value * (1_000_000 / ticks) + 0.5)


def parse_all(data: bytes, zone: ZoneInfo, unit: str | None, form: str | None) -> Ints:
    """`parse` of each of many values, which stand as JSON in a line each; `NONE` for null."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    starts = np.concatenate((ends[:0], [0], ends[:-1] + 1))[: len(ends)]
    padded = data + bytes(16)
    found = np.full(len(ends), BAD)
    first = np.frombuffer(padded, np.uint8)[starts]
    is_text = first == ord('"')
    if not form:
        for at in range(0, len(ends), _CHUNK):
            chunk = slice(at, at + _CHUNK)
            texts = np.flatnonzero(is_text[chunk]) + at
            found[texts] = _parse_usual(padded, starts[texts] + 1, ends[texts] - 1, zone)
    numbers = np.flatnonzero((first >= ord("0")) & (first <= ord("9")))
    if len(numbers):
        found[numbers] = _parse_numbers([data[starts[n] : ends[n]] for n in numbers], unit)
    for index in np.flatnonzero(found == BAD):
        value = json.loads(data[starts[index] : ends[index]])
        found[index] = NONE if value is None else parse(value, zone, unit, form)
    return found


def _parse_numbers(texts: list[bytes], unit: str | None) -> Ints:
    """The times of numbers, `BAD` for what would need more than 64 bits."""
    found = np.full(len(texts), BAD)
    is_whole = np.array([text.isdigit() and int(text) < 1 << 63 for text in texts])
    for rows, kind in ((np.flatnonzero(is_whole), np.int64), (np.flatnonzero(~is_whole), float)):
        numbers = np.array([texts[row] for row in rows], "S").astype(kind)
        for ticks in [PER_SECOND[unit]] if unit else PER_SECOND.values():
            fits = (numbers >= 0) & (numbers <= LATEST_EPOCH_SECONDS * ticks)
            found[rows[fits]] = _in_microseconds(numbers[fits], ticks)
            rows, numbers = rows[~fits], numbers[~fits]  # noqa: PLW2901 - what is left
    return found


def _in_microseconds(numbers: npt.NDArray[Any], ticks: int) -> Ints:
    if numbers.dtype == np.int64:
        whole = (
            numbers // (ticks // 1_000_000) if ticks > 1_000_000 else numbers * (1_000_000 // ticks)
        )
        return whole.astype(np.int64)
    return np.floor(numbers * (1_000_000 / ticks) + 0.5).astype(np.int64)


def _parse_usual(data: bytes, starts: Ints, ends: Ints, zone: ZoneInfo) -> Ints:
    """The times of texts like `2026-11-24T10:00:00[.123][Z|+08:00|+0800]`, `BAD` for any other.

    The texts are read eight bytes at a time: for each the word at its first, its ninth and its
    seventeenth byte, then its fraction, and its last word.
    """
    found = np.full(len(starts), BAD)
    is_long = ends - starts >= 19
    if not is_long.any():
        return found
    if not is_long.all():
        starts, ends = starts[is_long], ends[is_long]
    words = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
    local, is_date = _date_and_clock(words, starts)
    offset, offset_length = _offset(words, ends)
    micro, is_fraction = _fraction(words, starts + 19, ends - starts - 19 - offset_length)
    time = local + micro
    naive = np.flatnonzero((offset_length == 0) & is_date)
    if len(naive):
        offset[naive] = _zone_offsets(time[naive], zone)
    time -= offset
    is_time = is_date & is_fraction & (time >= EARLIEST_US) & (time < LATEST_US)
    found[is_long] = np.where(is_time, time, BAD)
    return found


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


class _Form(NamedTuple):
    """How a word must look: `zeros` has its digits as 0; `must` the bits that are then 0."""

    zeros: np.uint64
    must: np.uint64
    digits: np.uint64


def _form(shape: bytes) -> _Form:
    """The form in which 0 stands for any digit and ? for any byte at all."""
    zeros = shape.replace(b"?", b"\0")
    must = bytes({ord("0"): 0xF0, ord("?"): 0}.get(byte, 0xFF) for byte in shape)
    digits = bytes(0xFF if byte == ord("0") else 0 for byte in shape)
    return _Form(_word(zeros), _word(must), _word(digits))


_DATE, _CLOCK, _SECOND = _form(b"0000-00-"), _form(b"00?00:00"), _form(b":00?????")
_OFFSETS = {6: _form(b"???00:00"), 5: _form(b"????0000")}  # by length, as a word ends with them
_ZEROS, _SIXES, _HIGH = _word(b"0" * 8), _word(b"\x06" * 8), _word(b"\xf0" * 8)
_MONTH_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0])
_FRACTION_DIGITS = np.array([(1 << 8 * n) - 1 for n in range(8)] + [(1 << 64) - 1], np.uint64)


def _digits(words: Words, form: _Form) -> tuple[Words, Flags]:
    """Each byte as `10 * itself + the next`, and whether the word has that form."""
    values = words ^ form.zeros
    found = values & form.digits
    too_large = (found + (_SIXES & form.digits)) & _HIGH
    return found * np.uint64(10) + (found >> np.uint64(8)), (values & form.must | too_large) == 0


def _byte(words: Words, index: int) -> Ints:
    return ((words >> np.uint64(8 * index)) & np.uint64(0xFF)).astype(np.int64)


def _date_and_clock(words: Words, starts: Ints) -> tuple[Ints, Flags]:
    """Microseconds since 1970 by the clock on the wall."""
    month_start, month_length = _months(words[starts])
    clock = words[starts + 8]
    pairs, is_clock = _digits(clock, _CLOCK)
    day, hour, minute = _byte(pairs, 0), _byte(pairs, 3), _byte(pairs, 6)
    second_pairs, is_second = _digits(words[starts + 16], _SECOND)
    second = _byte(second_pairs, 1)
    between = _byte(clock, 2)
    is_valid = is_clock & is_second & (hour < 24) & (minute < 60) & (second < 60)
    is_valid &= (between == ord("T")) | (between == ord(" ")) | (between == ord("t"))
    is_valid &= (day > 0) & (day <= month_length)
    minutes = ((month_start + day) * 24 + hour) * 60 + minute
    return minutes * MINUTE + second * 1_000_000, is_valid


def _months(words: Words) -> tuple[Ints, Ints]:
    """The day before each month, counted from 1970, and its length; 0 for what is no month.

    Neighbours are of one month nearly always, so that only the first of each run is worked out.
    """
    heads = np.flatnonzero(np.concatenate(([True], words[1:] != words[:-1])))
    pairs, is_form = _digits(words[heads], _DATE)
    year, month = _byte(pairs, 0) * 100 + _byte(pairs, 2), _byte(pairs, 5)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = _MONTH_LENGTHS[np.minimum(month, 13)] + (is_leap & (month == 2))
    length[~is_form | (year == 0)] = 0
    # After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": a year begins in March.
    years = year - (month <= 2)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5
    start = years * 365 + years // 4 - years // 100 + years // 400 + day_of_year - 719_469
    runs = np.diff(heads, append=len(words))
    return np.repeat(start, runs), np.repeat(length, runs)


def _fraction(words: Words, starts: Ints, lengths: Ints) -> tuple[Ints, Flags]:
    """The microseconds of a fraction that is a point and one to eight digits, or nothing."""
    mark = _byte(words[starts], 0)
    digits = _FRACTION_DIGITS[np.clip(lengths - 1, 0, 8)]
    found = (words[starts + 1] ^ _ZEROS) & digits
    is_there = (mark == ord(".")) | (mark == ord(","))
    is_there &= (lengths >= 2) & (lengths <= 9)
    is_there &= ((found | (found + (_SIXES & digits))) & _HIGH) == 0
    pairs = found * np.uint64(10) + (found >> np.uint64(8))
    micro = _byte(pairs, 0) * 10_000 + _byte(pairs, 2) * 100 + _byte(pairs, 4)
    return np.where(is_there, micro, 0), is_there | (lengths == 0)


def _offset(words: Words, ends: Ints) -> tuple[Ints, Ints]:
    """The offset from UTC at each end in microseconds, and its length in bytes: 0 for none."""
    last = words[ends - 8]
    is_utc = _byte(last, 7) == ord("Z")
    offset, length = np.zeros(len(ends), np.int64), is_utc.astype(np.int64)
    rest = np.flatnonzero(~is_utc)
    for size, form in _OFFSETS.items():
        pairs, is_form = _digits(last[rest], form)
        sign, hours, minutes = _byte(last[rest], 8 - size), _byte(pairs, 9 - size), _byte(pairs, 6)
        is_form &= ((sign == ord("+")) | (sign == ord("-"))) & (hours < 24) & (minutes < 60)
        at = rest[is_form]
        signed = np.where(sign == ord("+"), MINUTE, -MINUTE) * (hours * 60 + minutes)
        offset[at], length[at] = signed[is_form], size
        rest = rest[~is_form]
    return offset, length


def _zone_offsets(local: Ints, zone: ZoneInfo) -> Ints:
    """The offset of `zone` at each time by the clock on the wall; the first where it comes twice.

    No offset changes but at a quarter of an hour.
    """
    quarters, index = np.unique(local // (15 * MINUTE), return_inverse=True)
    return np.array([_zone_offset(int(q), zone) for q in quarters], np.int64)[index]


@lru_cache(maxsize=4096)
def _zone_offset(quarter: int, zone: ZoneInfo) -> int:
    local = (_EPOCH + timedelta(minutes=15 * quarter)).replace(tzinfo=zone)
    offset = local.utcoffset()
    return offset // _MICROSECOND if offset else 0
