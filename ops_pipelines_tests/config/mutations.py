"""Mistakes that a program makes in valid configurations: each with the line where it is to be told.

A mutation names the codes that would tell of it. Where several mistakes of a kind are possible,
each place of the file gets its own.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ops_pipelines.config.dialect import scalars
from ops_pipelines.config.secret import is_secret_key
from ops_pipelines.config.structure import FREE
from ops_pipelines.config.vocabulary import Kind, is_known, kind_of, meant
from ops_pipelines.located_yaml import Located, Path, Place, read
from ops_pipelines_tests.config.corpus import inside_scalars

CANARY = "Kanari-Vogel+4711"
"""A secret: it stands wherever a mutation writes a text, and must be in no output."""


@dataclass(frozen=True)
class Mutation:
    """One mistake.

    Attributes:
        line: where it is to be told, from 1.
        codes: any of these tells of it.
    """

    kind: str
    text: str
    line: int
    codes: frozenset[str]
    dotenv: str | None = field(default=None)


@dataclass(frozen=True)
class Scalar:
    """A value in one line: its path, its place and its end, and the text as it is written."""

    path: Path
    key: str
    kind: Kind | None
    start: int
    end: int
    line: int
    written: str


def mutations(text: str) -> Iterator[Mutation]:
    """Every mistake that is made in `text`."""
    located = read(text, "valid.yaml", foreign_tags=True)
    for make in MISTAKES:
        yield from make(text, located)


def _mutation(kind: str, text: str, line: int, *codes: str, dotenv: str | None = None) -> Mutation:
    return Mutation(kind, text, line, frozenset(codes), dotenv)


def _index(text: str, place: Place) -> int:
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: place.line - 1])) + place.column - 1


def _scalars(text: str, located: Located) -> Iterator[Scalar]:
    """Every value that stands in one line, outside lists and what is free to be anything."""
    ends = {
        token.start_mark.index: token.end_mark.index
        for token in yaml.scan(text, yaml.SafeLoader)
        if isinstance(token, yaml.ScalarToken) and token.start_mark.line == token.end_mark.line
    }
    singles = {path for path, _value in scalars(located.data, ())}
    for path, place in located.values.items():
        start = _index(text, place)
        is_value = path in located.keys and path in singles and FREE.isdisjoint(map(str, path[:-1]))
        if is_value and isinstance(path[-1], str) and start in ends:
            key = str(path[-1])
            yield Scalar(
                path, key, kind_of(key), start, ends[start], place.line, text[start : ends[start]]
            )


def _replaced(text: str, scalar: Scalar, written: str) -> str:
    return text[: scalar.start] + written + text[scalar.end :]


def misspelled(text: str, located: Located) -> Iterator[Mutation]:
    """A letter of a key lost, doubled, or swapped with the next."""
    for path, place in located.keys.items():
        key, start = str(path[-1]), _index(text, place)
        if not is_known(key) or text[start : start + len(key)] != key or len(key) < 4:
            continue
        middle = len(key) // 2
        for slip in (
            key[:middle] + key[middle + 1 :],
            key[:middle] + key[middle] + key[middle:],
            key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :],
        ):
            # A key that gives another word, or is of none whose value we know, cannot be told.
            if meant(slip) and slip not in key:
                written = text[:start] + slip + text[start + len(key) :]
                yield _mutation(
                    "misspelled key", written, place.line, "config.unknown_key",
                    "config.missing_key",
                )  # fmt: skip


_WRONG = {
    "text": ["12345"],
    "section": ["17"],
    "flag": [CANARY],
    "level": [CANARY],
    "duration": [CANARY, json.dumps(CANARY)],
    "size": [CANARY],
}


def wrong_type(text: str, located: Located) -> Iterator[Mutation]:
    """A value of another type: text for a number, a number for text, a list, a mapping."""
    for scalar in _scalars(text, located):
        if scalar.kind is None or (scalar.key.isupper()):
            continue
        numeric = [CANARY, f"[{CANARY}]", f"{{{CANARY}: {CANARY}}}", "true"]
        for written in _WRONG.get(scalar.kind.name, numeric):
            if written == "true" and scalar.kind.name == "count":
                continue  # several readers take true there
            yield _mutation(
                "wrong type", _replaced(text, scalar, written), scalar.line, "config.wrong_value"
            )


def out_of_range(text: str, located: Located) -> Iterator[Mutation]:
    """A number below the least or above the most."""
    for scalar in _scalars(text, located):
        schema = scalar.kind.schema if scalar.kind and not scalar.key.isupper() else {}
        is_number = scalar.kind is not None and (scalar.kind.is_number)
        if not is_number or scalar.kind is None or scalar.kind.name == "flag":
            continue
        for written in (schema.get("minimum", 0) - 1, schema.get("maximum", 10**9) + 1):
            if "maximum" in schema or written < 0 or written == 0:
                yield _mutation(
                    "out of range",
                    _replaced(text, scalar, str(written)),
                    scalar.line,
                    "config.out_of_range",
                )


def removed(text: str, located: Located) -> Iterator[Mutation]:
    """A key removed that its reader cannot do without."""
    needed = {"model_name", "litellm_params", "type", "sender", "receiver", "provider_id",
              "provider_type"}  # fmt: skip
    is_project = {"model_list", "connections", "providers", "rails"} & set(located.data)
    for path, place in located.keys.items():
        lines = text.splitlines(keepends=True)
        if not is_project or path[-1] not in needed or path[0] not in _PROJECT_PARTS:
            continue
        if path[0] == "models" and "rails" not in located.data:
            continue
        if len(path) != (4 if path[0] == "providers" else 3):
            continue
        item = located.values[path[:-1]]
        parent = located.keys.get(path[:-1], item).line
        first = lines[place.line - 1]
        if first.lstrip().startswith("- "):
            continue  # the item's mark stands in the same line
        end = _end_of_block(lines, place)
        without = "".join(lines[: place.line - 1] + lines[end:])
        yield _mutation("required key removed", without, parent, "config.missing_key")


_PROJECT_PARTS = {"model_list", "components", "connections", "models", "providers"}


def _end_of_block(lines: list[str], place: Place) -> int:
    end = place.line
    while end < len(lines):
        line = lines[end]
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth < place.column:
            break
        end += 1
    return end


def duplicated(text: str, located: Located) -> Iterator[Mutation]:
    """A line with key and value, twice."""
    lines = text.splitlines(keepends=True)
    for scalar in _scalars(text, located):
        line = lines[scalar.line - 1]
        if line.lstrip().startswith(("- ", "{")) or located.keys[scalar.path].line != scalar.line:
            continue
        twice = "".join([*lines[: scalar.line], line.rstrip("\n") + "\n", *lines[scalar.line :]])
        yield _mutation("duplicated key", twice, scalar.line + 1, "yaml.duplicate_key")


def tabbed(text: str, _located: Located) -> Iterator[Mutation]:
    """A line that is indented with tabs."""
    inside = inside_scalars(text)
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        content = line.lstrip(" ")
        depth = len(line) - len(content)
        if depth == 0 or number in inside or not re.match(r"[\w\"'-]", content):
            continue
        mutated = [*lines[:number], "\t" * max(1, depth // 2) + content, *lines[number + 1 :]]
        yield _mutation("tab-indented", "".join(mutated), number + 1, "yaml.tab")


def unset(text: str, located: Located) -> Iterator[Mutation]:
    """A value from a variable that nothing sets."""
    codes = ("config.unset_variable", "config.unknown_variable")
    for scalar in _scalars(text, located):
        for written in ("${OPS_UNSET_VARIABLE}", '"${OPS_UNSET_VARIABLE}"'):
            mutated = _replaced(text, scalar, written)
            yield _mutation("unset variable", mutated, scalar.line, *codes, dotenv="A_B=1\n")


def bad_variable(text: str, located: Located) -> Iterator[Mutation]:
    """A number from a variable that is none."""
    for scalar in _scalars(text, located):
        if scalar.kind and scalar.kind.is_number and not scalar.key.isupper():
            for written in (f"${{OPS_COUNT:-{CANARY}}}", "${OPS_NAME}"):
                yield _mutation(
                    "variable that is no number", _replaced(text, scalar, written), scalar.line,
                    "config.variable_wrong", dotenv=f"OPS_NAME={CANARY}\n",
                )  # fmt: skip


def syntax(text: str, located: Located) -> Iterator[Mutation]:
    """A quote or bracket that is not closed, a colon without its space, a colon too many."""
    wrong: tuple[tuple[str, str], ...] = (
        ("unclosed quote", f'"{CANARY}'),
        ("unclosed bracket", f"[{CANARY}, 1"),
        ("a colon too many", f"{CANARY}: a: b"),
        ("a reserved character", f"@{CANARY}"),
        ("undefined alias", f"*{CANARY}"),
        ("object tag", f"!!python/object/apply:os.system [{CANARY}]"),
        ("control character", f'"{CANARY}\x07"'),
    )
    lines = text.splitlines(keepends=True)
    for scalar in _scalars(text, located):
        if "{" in lines[scalar.line - 1]:
            continue
        for kind, written in wrong:
            yield _mutation(kind, _replaced(text, scalar, written), scalar.line, *SYNTAX)
        key = located.keys[scalar.path]
        if key.line == scalar.line:
            at = _index(text, key) + len(scalar.key)
            for kind, colon in (("full-width colon", "："), ("colon without space", ":")):
                if text[at : at + 1] == ":" and text[scalar.start] not in "\"'[{":
                    mutated = text[:at] + colon + text[scalar.start :]
                    yield _mutation(kind, mutated, scalar.line, *SYNTAX)


SYNTAX = (
    *("yaml.syntax", "yaml.tab", "yaml.colon", "yaml.first_character", "yaml.misplaced"),
    *("yaml.missing_colon", "yaml.unclosed", "yaml.missing_comma", "yaml.undefined_alias"),
    *("yaml.tag", "yaml.control_character", "config.full_width_colon", "config.no_mapping"),
    *("config.wrong_value", "config.colon_without_space"),
)


def surprising(text: str, located: Located) -> Iterator[Mutation]:
    """Values that YAML 1.1 reads as something else."""
    for scalar in _scalars(text, located):
        if scalar.kind is None or scalar.key.isupper():
            continue
        match scalar.kind.name:
            case "flag":
                wrong = [('"true"', "config.flag_as_text"), ("'no'", "config.flag_as_text")]
            case "text":
                wrong = [
                    ("no", "config.read_as_flag"),
                    ("2024-02-01", "config.read_as_date"),
                    ("12:30", "config.read_as_base_60"),
                    (f"“{CANARY}”", "config.curly_quotes"),
                ]
            case name if scalar.kind.is_number and name != "flag":
                wrong = [
                    ("0100", "config.read_as_octal"),
                    ("1e2", "config.number_read_as_text"),
                    ("089", "config.number_read_as_text"),
                    ('"7"', "config.number_as_text"),
                    ("1:30", "config.read_as_base_60"),
                ]
            case _:
                continue
        for written, code in wrong:
            mutated = _replaced(text, scalar, written)
            yield _mutation("read as something else", mutated, scalar.line, code,
                            "config.out_of_range", "config.wrong_value")  # fmt: skip


def secret(text: str, located: Located) -> Iterator[Mutation]:
    """A secret in the clear, and an example where one should be."""
    codes = ("config.secret_in_clear", "config.placeholder")
    for scalar in _scalars(text, located):
        if is_secret_key(scalar.key):
            for written in (CANARY, json.dumps(CANARY), "your-api-key-here"):
                mutated = _replaced(text, scalar, written)
                yield _mutation("secret in the clear", mutated, scalar.line, *codes)


def retired(text: str, located: Located) -> Iterator[Mutation]:
    """A model that its maker no longer serves."""
    for scalar in _scalars(text, located):
        around: Any = located.data
        for part in scalar.path[:-1]:
            around = around[part]
        served_elsewhere = any("base" in str(k) or k == "api_version" for k in around)
        if scalar.key == "model" and not served_elsewhere:
            mutated = _replaced(text, scalar, "text-davinci-003")
            yield _mutation("retired model", mutated, scalar.line, "config.model_retired",
                            "config.chat_model_as_embedding")  # fmt: skip


MISTAKES: tuple[Callable[[str, Located], Iterator[Mutation]], ...] = (
    misspelled, wrong_type, out_of_range, removed, duplicated, tabbed, unset, bad_variable, syntax,
    surprising, secret, retired,
)  # fmt: skip
