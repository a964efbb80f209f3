"""The JSON Schema of a service file: with it editors complete keys, explain them and check values.

It is made from the models, with their descriptions in the reader's language.
"""

from datetime import time
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import override

from ops_pipelines.language import _
from ops_pipelines.settings.environment import REFERENCE
from ops_pipelines.settings.service import Service

_REFERENCE = {"$ref": "#/$defs/reference"}
_TEXT = {"type": "string"}
_ANNOTATIONS = ("description", "default", "examples")


class _Generator(GenerateJsonSchema):
    @override
    def encode_default(self, dft: Any) -> Any:
        return f"{dft:%H:%M}" if isinstance(dft, time) else super().encode_default(dft)


def schema() -> dict[str, Any]:
    """The schema, in the reader's language."""
    made = _improved(Service.model_json_schema(schema_generator=_Generator))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _("a service that ops-pipelines looks after"),
        **made,
        "$defs": made["$defs"] | {"reference": _reference()},
    }


def _reference() -> dict[str, Any]:
    said = _("${NAME}, or ${NAME:-default}: a value from the environment")
    return {**_TEXT, "pattern": REFERENCE.pattern, "description": said}


def _improved(made: dict[str, Any]) -> dict[str, Any]:
    """What pydantic made, without what is for developers, with references where they may stand."""
    told = {key: _part(key, value) for key, value in made.items() if _is_told(key, value, made)}
    return _with_references(told)


def _is_told(key: str, value: Any, made: dict[str, Any]) -> bool:
    match key:
        case "title":
            return False
        case "description":  # that of an object is a docstring
            return "properties" not in made
        case "default":  # None and "" stand for what is worked out; models are for the sample
            return value not in (None, "") and not _holds_models(value)
    return True


def _holds_models(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _part(key: str, value: Any) -> Any:
    match key, value:
        case "description", str():
            return _(value)
        case "properties" | "$defs", dict():
            return {name: _improved(inner) for name, inner in value.items()}
        case "items" | "additionalProperties", dict():
            return _improved(value)
        case "anyOf" | "oneOf", list():
            return [_improved(inner) for inner in value]
    return value


def _with_references(told: dict[str, Any]) -> dict[str, Any]:
    """A reference is text; it may stand for a scalar that is not, or that is special text."""
    if "anyOf" in told:
        options = [o for option in told["anyOf"] for o in option.get("anyOf", [option])]
        if _TEXT in options:
            options = [option for option in options if option != _REFERENCE]
        return {**told, "anyOf": options}
    is_special = told.get("type") == "string" and told.keys() & {"enum", "pattern"}
    if told.get("type") not in ("integer", "number", "boolean") and not is_special:
        return told
    notes = {key: told.pop(key) for key in _ANNOTATIONS if key in told}
    return {"anyOf": [told, _REFERENCE], **notes}
