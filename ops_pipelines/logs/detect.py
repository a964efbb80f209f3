"""Proposes how a log is read, from its first lines, with what speaks for it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.logs import levels, times
from ops_pipelines.logs.contents import Content, Source
from ops_pipelines.logs.envelopes import Inner
from ops_pipelines.logs.lines import blocks
from ops_pipelines.logs.plan import FIELDS, SECONDS
from ops_pipelines.logs.planning import make
from ops_pipelines.logs.proposal import JSON, TEXT, Evidence, Proposal
from ops_pipelines.logs.records import Record, Rejected, parse, parse_inner, record_of
from ops_pipelines.logs.values import number, value_at
from ops_pipelines.settings import presets
from ops_pipelines.settings.line_reading import LineReading, Measured, Place

MOST_LINES = 1000
_FEW, _FEWER = 0.2, 0.05
"""The share of lines that must be so: a log holds others too, such as banners and tracebacks."""
_NAMES: dict[str, tuple[str, ...]] = {
    "timestamp": (
        *("timestamp", "@timestamp", "time", "ts", "asctime", "datetime", "date", "eventtime"),
        *("event_time", "log_time", "timemillis", "time_local", "created_at", "created", "at", "t"),
    ),
    "level": (
        *("level", "log.level", "levelname", "severity", "lvl", "loglevel", "log_level"),
        *("severitytext", "priority"),
    ),
    "message": ("message", "msg", "event", "short_message", "text", "body", "log"),
    "response_time": (
        *("response_time", "responsetime", "duration", "latency", "elapsed", "request_time"),
        *("process_time", "took", "event.duration", "total_time", "runtime", "cost"),
    ),
    "endpoint": (
        *("endpoint", "route", "http.route", "path", "url.path", "request.uri", "req.url", "uri"),
        *("request_path", "url", "target", "api"),
    ),
    "method": ("method", "http.method", "http.request.method", "req.method", "verb"),
    "status": (
        *("status", "status_code", "statuscode", "http.status_code", "http.response.status_code"),
        *("res.statuscode", "response.status", "code"),
    ),
    "provider": ("provider", "llm_provider", "gen_ai.system", "custom_llm_provider", "vendor"),
    "model": ("model", "model_name", "gen_ai.request.model", "llm_model", "deployment"),
    "error_type": (
        *("error_type", "error.type", "err.type", "exception.type", "exc_type", "error_class"),
        *("errortype", "error_code", "error.kind"),
    ),
    "tokens_input": ("tokens_input", "prompt_tokens", "input_tokens", "tokens_in"),
    "tokens_output": ("tokens_output", "completion_tokens", "output_tokens", "tokens_out"),
    "first_token_seconds": ("first_token_seconds", "ttft", "time_to_first_token", "first_token"),
    "request_hash": ("request_hash", "prompt_hash", "query_hash", "question_hash"),
    "cache_hit": ("cache_hit", "cached", "from_cache"),
    "batch_size": ("batch_size",),
    "batch_limit": ("batch_limit", "max_batch_size"),
    "in_flight": ("in_flight", "inflight", "concurrency", "active_requests"),
}
_UNITS = {
    "ms": re.compile(r"(?:[_.]ms|Ms|[_.]?milli(?:s|seconds)|Millis)$"),
    "us": re.compile(r"(?:[_.]us|[_.]?micro(?:s|seconds))$"),
    "ns": re.compile(r"(?:[_.]ns|[_.]?nano(?:s|seconds))$|^event\.duration$"),
    "s": re.compile(r"(?:[_.]s|[_.]?sec(?:s|onds))$"),
}


def first_lines(source: Source) -> list[bytes]:
    """The first lines of a file, without blank ones and those that nobody can read."""
    lines = chain.from_iterable(block.lines for block in blocks(Content(source)))
    readable = (line for line in lines if isinstance(line, bytes) and line.strip(b"\0 \t\r\n"))
    return list(islice(readable, MOST_LINES))


def propose(lines: Sequence[bytes], zone: ZoneInfo) -> Proposal:
    """How a log that begins with `lines` may be read; times without offset are in `zone`."""
    plain = make(LineReading(), zone)
    wrapped: Counter[str] = Counter()
    records, texts = [], []
    for line in lines:
        try:
            found = parse(line, plain)
            if isinstance(found, Inner):
                wrapped[found.kind] += 1
                line = found.text  # noqa: PLW2901 - the line is what was wrapped
                found = parse_inner(found, plain)
            records.append(found)
        except Rejected:
            texts.append(line)
    is_json = len(records) >= _FEW * len(lines)
    kind, count = next(iter(wrapped.most_common(1)), ("", 0))
    form = kind if count > len(lines) / 2 else JSON if is_json else TEXT
    preset = _json_preset(records) if is_json else _text_preset(texts, zone)
    evidence = tuple(
        _evidence(records, preset, zone) if is_json else _groups(texts, preset) if preset else ()
    )
    proposed = Proposal(form, preset, evidence, len(lines), {})
    found_so = _records(lines, proposed.reading, zone)
    if found_so and not preset:
        has_requests = any(record.is_request for record in found_so)
        proposed = replace(proposed, rules=_rules(proposed.fields, has_requests=has_requests))
        found_so = _records(lines, proposed.reading, zone)
    return replace(proposed, read=len(found_so), requests=sum(r.is_request for r in found_so))


def _records(lines: Sequence[bytes], how: LineReading, zone: ZoneInfo) -> list[Record]:
    """What those lines say that can be read so."""
    plan, found = make(how, zone), []
    for line in lines:
        with suppress(Rejected):
            found.append(record_of(line, plan))
    return found


def _rules(fields: Mapping[str, Any], *, has_requests: bool) -> dict[str, list[dict[str, Any]]]:
    """What makes a request or an error where the defaults do not tell, as far as fields do."""
    rules: dict[str, list[dict[str, Any]]] = {}
    telling = [name for name in ("response_time", "status", "endpoint") if name in fields]
    if telling and not has_requests:
        rules["request_when"] = [{"field": telling[0], "present": True}]
    if "status" in fields:
        by_level = [{"field": "level", "at_least": "error"}] if "level" in fields else []
        rules["error_when"] = [*by_level, {"field": "status", "at_least": 500}]
    return rules


def _groups(texts: Sequence[bytes], preset: str) -> Iterator[Evidence]:
    """What the pattern of a preset finds in lines of text."""
    pattern = re.compile(presets.preset(preset).pattern or "")
    matches = [match for text in texts if (match := pattern.match(text.decode(errors="replace")))]
    for name in FIELDS:
        values = [match[name] for match in matches if name in pattern.groupindex and match[name]]
        if values:
            yield Evidence(name, name, len(values), len(texts), values[0])


def _json_preset(records: Sequence[Mapping[str, Any]]) -> str | None:
    """The preset whose signature the most lines have; of several the one that says most."""
    found = []
    for name in presets.names():
        signature = presets.preset(name).signature
        if signature:
            having = sum(all(value_at(r, key) is not None for key in signature) for r in records)
            if having >= max(1, _FEWER * len(records)):
                found.append((len(signature), having, name))
    return max(found)[2] if found else None


def _text_preset(texts: Sequence[bytes], zone: ZoneInfo) -> str | None:
    """The preset whose pattern reads the most lines, if it reads enough."""
    patterns = [name for name in presets.names() if presets.preset(name).pattern]
    found = [(len(_records(texts, presets.preset(name), zone)), name) for name in patterns]
    count, name = max(found, default=(0, ""))
    return name if count and count >= _FEW * len(texts) else None


def _evidence(
    records: Sequence[Mapping[str, Any]], preset: str | None, zone: ZoneInfo
) -> Iterator[Evidence]:
    """Where each field of ours stands, as far as names and values tell."""
    places = presets.preset(preset).fields.places if preset else {}
    paths = Counter(path for record in records for path in _paths(record))
    taken = {place.path for place in places.values()}
    for name in FIELDS:
        if name in places:
            candidates = [places[name].path]
        else:
            candidates = [path for path in _candidates(name, paths) if path not in taken]
        for path in candidates:
            values = [v for record in records if (v := value_at(record, path)) is not None]
            if values and (name in places or _fits(name, values, zone)):
                taken.add(path)
                unit = _unit(name, path, values, places.get(name))
                yield Evidence(name, path, len(values), len(records), values[0], unit)
                break


def _paths(record: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted paths of all values."""
    for key, value in record.items():
        if isinstance(value, dict) and depth < 4:
            yield from _paths(value, f"{before}{key}.", depth + 1)
        else:
            yield f"{before}{key}"


def _candidates(name: str, paths: Counter[str]) -> list[str]:
    """The paths that are called like a field of ours, those called most alike first."""
    found = []
    for path in paths:
        whole = _without_unit(name, path).lower()
        for rank, known in enumerate(_NAMES[name]):
            if whole == known or whole.replace("_", "") == known.replace("_", ""):
                found.append((rank, path))
            elif whole.rsplit(".", 1)[-1] == known:
                found.append((rank + len(_NAMES[name]), path))
    return [path for _, path in sorted(found)]


def _without_unit(name: str, path: str) -> str:
    if name not in SECONDS:
        return path
    for pattern in _UNITS.values():
        if (shorter := pattern.sub("", path)) != path and shorter:
            return shorter
    return path


def _unit(name: str, path: str, values: Sequence[Any], given: Place | None) -> str | None:
    """The unit of a duration; where the name has none, whole numbers are milliseconds."""
    if isinstance(given, Measured):
        return given.unit
    if name not in SECONDS:
        return None
    for unit, pattern in _UNITS.items():
        if pattern.search(path):
            return None if unit == "s" else unit
    are_whole = all(isinstance(value, int) for value in values)
    return "ms" if are_whole and median(values) >= 20 else None


def _fits(name: str, values: Sequence[Any], zone: ZoneInfo) -> bool:
    """Whether at least nine of ten values are what the field wants."""
    match name:
        case "timestamp":
            good = sum(times.parse(value, zone) != times.BAD for value in values)
        case "level":
            good = sum(levels.rank(value) is not None for value in values)
        case "response_time" | "first_token_seconds" | "tokens_input" | "tokens_output":
            good = sum(number(value) >= 0 for value in values)
        case _:
            good = sum(not isinstance(value, dict | list) for value in values)
    return good >= 0.9 * len(values)
