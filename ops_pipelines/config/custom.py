"""Layer 6, the team's own: a JSON Schema, rule files, and the service's own validator."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jmespath.exceptions import JMESPathError
from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import ValidationError
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from ops_pipelines import located_yaml
from ops_pipelines.config.environment import References, problem
from ops_pipelines.config.rules import Rule, rule
from ops_pipelines.config.structure import found as shown
from ops_pipelines.config.text import content_of, decode
from ops_pipelines.errors import InputError
from ops_pipelines.located_yaml import Located, dotted
from ops_pipelines.redaction import redact
from ops_pipelines.report import Problem, Severity
from ops_pipelines.settings.config import Validator
from ops_pipelines.yaml_loaders import LOADERS

OUTPUT_BYTES = 4096
OUTPUT_LINES = 20
_NEEDED = ("code", "when", "at", "message")


def schema_problems(file: Path, located: Located, references: References) -> Iterator[Problem]:
    """What the JSON Schema in `file` says of the configuration; or what is wrong with the schema.

    It is not asked of values whose variables are unset. References to other schemas are looked up
    in its own file only.
    """
    own = _read(file)
    yield from own.problems
    if own.problems or own.data is None:
        return
    judge = validator_for(own.data, default=Draft202012Validator)
    registry: Registry[Any] = EMPTY_REGISTRY
    try:
        judge.check_schema(own.data)
        errors = list(judge(own.data, registry=registry).iter_errors(_typed(located, references)))
    except SchemaError as error:
        path = tuple(error.absolute_path)
        yield problem(
            own, "config.schema_broken", path, Severity.CRITICAL, keyword=str(error.validator)
        )
        return
    except Unresolvable as error:
        yield problem(
            own, "config.schema_reference", (), Severity.CRITICAL, reference=str(error.ref)
        )
        return
    unset = {path for path, _name in references.unset}
    for error in errors:
        path = tuple(str(p) if isinstance(p, str) else p for p in error.absolute_path)
        if path not in unset:
            yield from _of_schema(error, path, located)


def _of_schema(
    error: ValidationError, path: located_yaml.Path, located: Located
) -> Iterator[Problem]:
    """What an error of a schema says, without any text of the file."""
    keyword, limit = str(error.validator), error.validator_value
    match keyword:
        case "required":
            for key in (key for key in limit if key not in error.instance):
                yield problem(
                    located, "config.schema_missing", path, Severity.CRITICAL, at_key=True, key=key
                )
        case "additionalProperties" if isinstance(error.instance, dict):
            for key in _additional(error):
                at = (*path, str(key))
                yield problem(
                    located, "config.schema_additional", at, Severity.CRITICAL, at_key=True, key=key
                )
        case _:
            wanted = "…" if isinstance(limit, dict | list) and keyword != "enum" else limit
            facts = {"keyword": keyword, "wanted": str(wanted), "found": shown(error.instance)}
            yield problem(located, "config.schema_value", path, Severity.CRITICAL, **facts)


def _additional(error: ValidationError) -> list[Any]:
    """The keys that a schema does not know: as the schema says it, they stand in no other keyword."""
    import re  # noqa: PLC0415

    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    return [
        key
        for key in error.instance
        if key not in known and not any(re.search(pattern, str(key)) for pattern in patterns)
    ]


def _typed(located: Located, references: References) -> Any:
    """The data, with plain values that came from variables read as YAML reads them."""
    loader = LOADERS["1.1"]("")

    def read(value: Any, path: located_yaml.Path) -> Any:
        match value:
            case dict():
                return {key: read(item, (*path, str(key))) for key, item in value.items()}
            case list():
                return [read(item, (*path, index)) for index, item in enumerate(value)]
        if path not in references.names or path not in located.plain or not isinstance(value, str):
            return value
        tag = loader.resolve(located_yaml.yaml.ScalarNode, value, (True, False))
        with suppress(ValueError):
            return loader.construct_object(located_yaml.yaml.ScalarNode(tag, value))
        return value

    return read(located.data, ())


def own_rules(file: Path) -> tuple[list[Rule], list[Problem]]:
    """The rules in `file`, and what is wrong with them."""
    own = _read(file)
    problems = list(own.problems)
    rows = own.data if isinstance(own.data, list) else []
    if not problems and not isinstance(own.data, list):
        problems.append(problem(own, "config.rules_no_list", (), Severity.CRITICAL))
    rules: list[Rule] = []
    for index, row in enumerate(rows):
        missing = [key for key in _NEEDED if not isinstance(row, dict) or not row.get(key)]
        if missing:
            facts = {"key": missing[0]}
            problems.append(problem(own, "config.rule_lacks", (index,), Severity.CRITICAL, **facts))
            continue
        try:
            rules.append(rule(row))
        except (JMESPathError, ValueError, TypeError, AttributeError) as error:
            facts = {"rule": str(row["code"]), "detail": str(error).splitlines()[0]}
            problems.append(
                problem(own, "config.rule_broken", (index, "when"), Severity.CRITICAL, **facts)
            )
    return rules, problems


def _read(file: Path) -> Located:
    """A file of the team's own; one that cannot be read has a problem."""
    try:
        text, problems = decode(content_of(file), str(file))
    except InputError as error:
        unreadable = Problem(error.code, str(file), 1, 1, "", facts=error.facts)
        return Located(str(file), None, problems=(unreadable,))
    if problems:
        return Located(str(file), None, problems=tuple(problems))
    return located_yaml.read(text, str(file), dialect="1.2")


def validator_problems(
    validator: Validator, located: Located, environment: Mapping[str, str]
) -> Iterator[Problem]:
    """What the service's own validator says: nothing when it ends with 0."""
    command = [part.replace("{file}", located.file) for part in validator.command]
    facts: dict[str, Any] = {"program": command[0]}
    with tempfile.TemporaryFile() as output:
        try:
            exit_code = _run(command, validator.timeout_seconds, located, environment, output)
        except OSError as error:
            detail = error.strerror or str(error)
            yield problem(
                located, "config.validator_missing", (), Severity.CRITICAL, **facts, detail=detail
            )
            return
        said = _end_of(output)
    if exit_code is None:
        seconds = validator.timeout_seconds
        yield problem(
            located,
            "config.validator_hangs",
            (),
            Severity.CRITICAL,
            **facts,
            seconds=seconds,
            output=said,
        )
    elif exit_code:
        yield problem(
            located,
            "config.validator_refuses",
            (),
            Severity.CRITICAL,
            **facts,
            exit_code=exit_code,
            output=said,
        )


def _run(
    command: list[str],
    seconds: float,
    located: Located,
    environment: Mapping[str, str],
    output: Any,
) -> int | None:
    """Run the program in the folder of the file; its exit code, or None when it took too long."""
    process = subprocess.Popen(
        command,
        cwd=Path(located.file).resolve().parent,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and what it may have left behind
        process.wait()


def _end_of(output: Any) -> str:
    """The last lines of what was said, masked."""
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - OUTPUT_BYTES))
    text = output.read().decode(errors="replace")
    return redact("\n".join(text.strip().splitlines()[-OUTPUT_LINES:]))
