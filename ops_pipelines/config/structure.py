"""Layer 3, the structure: keys that are no words of ours, and values that no reader accepts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import jmespath
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ops_pipelines.config.environment import References
from ops_pipelines.config.mapping import Entry, Section, last_name, plain
from ops_pipelines.config.secret import is_secret, key_of
from ops_pipelines.config.vocabulary import Kind, is_known, kind_of, legacy, load, meant
from ops_pipelines.located_yaml import Located, Path
from ops_pipelines.report import Problem, Severity

# Other keys are paths of an API, host names, patterns: no words.
_PLAIN_KEY = re.compile(r"[\w$-]+")
_FLAG_WORDS = {"true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0"}
_FLAG_TEXTS = {*_FLAG_WORDS, "auto", "none", "null", ""}
# A mapping in place of a value: the description of a parameter, or one value for each case.
_DESCRIBED = {"type", "description", "default", "value", "values", "min", "max", "minimum", "enum"}
# Kinds that may be a mapping of another project's making.
_MAPPINGS = {"section", "text", "flag", "level"}
# Kinds of which a reader takes one, unless the file has them tried out one after the other.
_ONE = {"temperature", "share", "penalty", "tokens", "positive", "count", "dimension"}
_SEARCHES = ("module_type", "search_space", "param_grid", "sweep", "grid", "trial")
# What a mapping below these keys holds is named by the operator, or by other people's formats.
FREE = {
    *(
        "labels",
        "annotations",
        "headers",
        "metadata",
        "properties",
        "aliases",
        "alias",
        "mapping",
        "fields",
    ),
    *(
        "extra_body",
        "extra_headers",
        "default_headers",
        "json_schema",
        "input_schema",
        "definitions",
    ),
    *(
        "spec",
        "input_types",
        "steps",
        "jobs",
        "on",
        "env",
        "environment",
        "variables",
        "services",
        "tools",
    ),
    *("options", "httpGet", "tcpSocket", "grpc"),
}


def unknown_keys(
    sections: Iterable[Section], located: Located, severity: Severity
) -> Iterator[Problem]:
    """Keys that look misspelled; a word that merely is not ours is the service's own."""
    for section in sections:
        if any(str(part) in FREE for part in section.path):
            continue
        written = {entry.key for entry in section.entries}
        for entry in section.entries:
            near = meant(entry.key) if _PLAIN_KEY.fullmatch(entry.key) else None
            if near and near not in written:
                facts = {"key": entry.key, "near": near}
                yield located.problem(
                    "config.unknown_key", entry.path, severity, at_key=True, **facts
                )


def not_ours(
    sections: Iterable[Section], located: Located, severity: Severity
) -> Iterator[Problem]:
    """Every other key that is no word of ours: only where the operator wants to be strict."""
    for section in sections:
        for entry in section.entries:
            if not is_known(entry.key) and meant(entry.key) is None:
                yield located.problem(
                    "config.no_known_key", entry.path, severity, at_key=True, key=entry.key
                )


def legacy_keys(sections: Iterable[Section], located: Located) -> Iterator[Problem]:
    """Keys that a later version calls otherwise."""
    for section in sections:
        for entry in section.entries:
            if found := legacy(entry.key):
                facts = {"key": entry.key, "now": found.now, "source": found.source}
                yield located.problem(
                    "config.legacy_key", entry.path, Severity.WARNING, at_key=True, **facts
                )


def wrong_values(
    sections: Iterable[Section], located: Located, references: References
) -> Iterator[Problem]:
    """Values that their key cannot have."""
    unset = {path for path, _name in references.unset}
    for section in sections:
        if last_name(section.path) in FREE:
            continue
        is_table = _is_table(section)
        for entry in section.entries:
            if is_table and _is_part(entry.kind):
                continue
            # The environment of a process holds texts, whatever they say.
            is_variable = isinstance(entry.value, str) and (entry.key.isupper() or "." in entry.key)
            if entry.kind and not is_variable and entry.path not in unset:
                yield from _judge(entry, entry.kind, located, references)


def _is_table(section: Section) -> bool:
    """Whether a mapping holds a number for each of several parts: `timeouts: {llm: 60, api: 5}`."""
    if not section.path or not all(_is_measure(entry.value) for entry in section.entries):
        return False
    parts = [entry for entry in section.entries if _is_part(entry.kind)]
    name = last_name(section.path)
    return len(parts) > 1 or (name.lower().endswith("s") and not _is_part(kind_of(name)))


def _is_measure(value: Any) -> bool:
    """Whether a value is a number, a flag, or a text such as 30s."""
    return not isinstance(value, dict | list | str) or str(value)[:1].isdigit()


def _is_part(kind: Kind | None) -> bool:
    return kind is not None and kind.name == "section"


def _judge(entry: Entry, kind: Kind, located: Located, references: References) -> Iterator[Problem]:
    items = entry.value if isinstance(entry.value, list) else [entry.value]
    if len(items) > 1 and kind.name in _ONE and not _is_search(located.data):
        yield from _wrong(entry.path, items, kind, {"type": "list"}, located, references)
        return
    for index, item in enumerate(items):
        path = (*entry.path, index) if isinstance(entry.value, list) else entry.path
        if kind.name == "flag" and isinstance(item, str):
            if item is not entry.value or "://" in item:
                continue  # a list says for whom it is on; Python's logging has ext://sys.stdout
            yield from _flag_text(path, item, kind, located, references)
        elif item is not None and not _is_looked_past(item, kind):
            yield from _value(path, plain(item, kind), item, kind, located, references)


def _is_search(data: Any) -> bool:
    """Whether a file is one of those that try several values of each setting."""
    return any(word in str(data) for word in _SEARCHES)


def _is_looked_past(item: Any, kind: Kind) -> bool:
    """Empty text is a default left alone; a mapping may describe a value or hold several."""
    if isinstance(item, dict):
        is_described = any(key in _DESCRIBED or is_known(key) for key in item)
        holds_one = any(not _errors(kind.schema, value) for value in item.values())
        return is_described or holds_one or kind.name in _MAPPINGS
    return isinstance(item, list) or (isinstance(item, str) and _is_filled_in_later(item.strip()))


def _is_filled_in_later(text: str) -> bool:
    """Whether a text stands for a value that its reader has from elsewhere: `$top_k`, `<PORT>`."""
    return not text or text[0] in "$<{@%"


def _flag_text(
    path: Path, item: str, kind: Kind, located: Located, references: References
) -> Iterator[Problem]:
    if path in references.names and item.strip().lower() in _FLAG_TEXTS:
        return
    if item.strip().lower() in _FLAG_WORDS:
        yield located.problem("config.flag_as_text", path, Severity.WARNING)
    elif item.strip().lower() not in _FLAG_TEXTS and " " not in item.strip():
        yield from _wrong(path, item, kind, {"type": "boolean"}, located, references)


def _value(
    path: Path, value: Any, written: Any, kind: Kind, located: Located, references: References
) -> Iterator[Problem]:
    schema = kind.schema
    if isinstance(value, dict):
        schema = {**schema, "type": [name for name in schema["type"] if name != "object"]}
    for error in _errors(schema, value):
        yield from _wrong(path, value, kind, error, located, references)
        return
    is_quoted = path not in located.plain and path not in references.names
    if kind.is_number and isinstance(written, str) and is_quoted:
        yield located.problem("config.number_as_text", path, Severity.INFO)


def _errors(schema: Mapping[str, Any], value: Any) -> list[ValidationError]:
    if isinstance(value, float) and value - value != 0:  # NaN and Infinity pass every comparison
        return [ValidationError("", validator="maximum")]
    return sorted(Draft202012Validator(schema).iter_errors(value), key=lambda e: str(e.validator))


def _wrong(
    path: Path,
    value: Any,
    kind: Kind,
    error: ValidationError | Mapping[str, Any],
    located: Located,
    references: References,
) -> Iterator[Problem]:
    is_range = isinstance(error, ValidationError) and error.validator in ("minimum", "maximum")
    code = "config.out_of_range" if is_range else "config.wrong_value"
    facts: dict[str, Any] = {"found": found(value, path), "wanted": wanted(kind)}
    if names := references.names.get(path):
        code, facts = "config.variable_wrong", {**facts, "name": names[0]}
    yield located.problem(code, path, Severity.CRITICAL, **facts)


def found(value: Any, path: Path) -> Any:
    """A value as a message shows it: a number, or what it is; never its text, nor a secret."""
    match value:
        case int() | float() if is_secret(key_of(path), value):
            return _words("config.found_number")
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:g}"
        case dict():
            return _words("settings.found_mapping")
        case list():
            return _words("settings.found_list")
        case None:
            return _words("settings.found_nothing")
    return _words("config.found_text")


def wanted(kind: Kind) -> dict[str, Any]:
    """What a value of `kind` has to be."""
    low, high = kind.schema.get("minimum"), kind.schema.get("maximum")
    match kind.name, low, high:
        case (("text" | "section" | "level" | "duration" | "flag" | "size"), _, _):
            return _words(f"config.wanted_{kind.name}")
        case _, _, None:
            return _words("config.wanted_whole", low=low)
    code = "config.wanted_port" if kind.name == "port" else "config.wanted_number"
    return _words(code, low=low, high=high)


def named(path: Path) -> dict[str, Any]:
    """The fact `path` of a message about the file as a whole, which has no path of its own."""
    return {} if path else {"path": _words("config.whole_file")}


def _words(code: str, **facts: Any) -> dict[str, Any]:
    return {"code": code, "facts": facts}


def missing_keys(located: Located) -> Iterator[Problem]:
    """What a file of a known project lacks (`rules/projects.yaml`)."""
    for project in _projects():
        if not project["is"].search(located.data):
            continue
        for error in Draft202012Validator(project["schema"]).iter_errors(located.data):
            path = tuple(error.absolute_path)
            if error.validator == "required":
                key = next(k for k in error.validator_value if k not in error.instance)
                facts = {"key": key, "project": project["name"], **named(path)}
                yield located.problem(
                    "config.missing_key", path, Severity.CRITICAL, at_key=True, **facts
                )
            elif error.validator == "type":
                facts = {"project": project["name"], "found": found(error.instance, path)}
                yield located.problem("config.wrong_shape", path, Severity.CRITICAL, **facts)


@cache
def _projects() -> list[dict[str, Any]]:
    return [{**project, "is": jmespath.compile(project["is"])} for project in load("projects.yaml")]
