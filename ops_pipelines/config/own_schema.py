"""Layer 6, the team's own JSON Schema."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import ValidationError
from jsonschema.validators import validator_for
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from ops_pipelines.config import own_file
from ops_pipelines.config.environment import References
from ops_pipelines.config.structure import found as shown
from ops_pipelines.config.structure import named
from ops_pipelines.located_yaml import Located
from ops_pipelines.located_yaml import Path as At
from ops_pipelines.report import Problem
from ops_pipelines.yaml_loaders import Dialect, scalar


def schema_problems(
    file: Path, located: Located, references: References, dialect: Dialect
) -> Iterator[Problem]:
    """What the JSON Schema in `file` says of the configuration, or what is wrong with the schema.

    Values whose variables are unset are not judged. Other files and addresses that the schema
    refers to are not read.
    """
    own = own_file.read(file)
    yield from own.problems
    if own.problems or own.data is None:
        return
    judge = validator_for(own.data, default=Draft202012Validator)
    try:
        judge.check_schema(own.data)
        asked = judge(own.data, registry=EMPTY_REGISTRY)  # with its default it fetches references
        errors = list(asked.iter_errors(_typed(located.data, (), located, references, dialect)))
    except SchemaError as broken:
        path, keyword = tuple(broken.absolute_path), str(broken.validator)
        yield own.problem("config.schema_broken", path, keyword=keyword)
        return
    except Unresolvable as broken:
        yield own.problem("config.schema_reference", (), reference=str(broken.ref))
        return
    unset = {path for path, _name in references.unset}
    for error in errors:
        path = tuple(error.absolute_path)
        if path not in unset:
            yield from _said(error, path, located)


def _said(error: ValidationError, path: At, located: Located) -> Iterator[Problem]:
    """What an error of a schema says, without any text of the file."""
    limit: Any = error.validator_value
    match str(error.validator):
        case "required":
            instance: Any = error.instance
            for key in (key for key in limit if key not in instance):
                yield located.problem(
                    "config.schema_missing", path, at_key=True, key=key, **named(path)
                )
        case "additionalProperties" if limit is False:
            for key in _additional(error):
                at = (*path, str(key))
                yield located.problem("config.schema_additional", at, at_key=True, key=str(key))
        case keyword:
            is_plain = not isinstance(limit, dict | list) or keyword in ("enum", "type")
            facts: dict[str, Any] = {"keyword": keyword, "wanted": str(limit) if is_plain else "…"}
            facts |= {"found": shown(error.instance), **named(path)}
            yield located.problem("config.schema_value", path, **facts)


def _additional(error: ValidationError) -> list[Any]:
    """The keys that the schema of `error` does not name."""
    schema: Any = error.schema
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    instance: Any = error.instance
    return [
        key
        for key in instance
        if key not in known and not any(re.search(pattern, str(key)) for pattern in patterns)
    ]


def _typed(value: Any, at: At, located: Located, references: References, dialect: Dialect) -> Any:
    """The data with what plain values became by their variables, read as YAML reads it."""
    match value:
        case dict():
            return {
                str(key): _typed(item, (*at, str(key)), located, references, dialect)
                for key, item in value.items()
            }
        case list():
            return [
                _typed(item, (*at, index), located, references, dialect)
                for index, item in enumerate(value)
            ]
        case str() if at in references.names and at in located.plain:
            return scalar(value, dialect)
    return value
