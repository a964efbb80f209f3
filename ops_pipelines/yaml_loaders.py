"""PyYAML's loader in the two dialects in which services read YAML.

1.1 is PyYAML's own. 1.2 is the core schema, as ruamel.yaml and most readers in other languages
have it: `yes`, `on` and `12:30` are text, `010` is ten, `1e3` is a number.
"""

import re
from typing import Any, Literal

import yaml

Dialect = Literal["1.1", "1.2"]
_TAG = "tag:yaml.org,2002:"
# The core schema of YAML 1.2 (chapter 10.3.2), and the merge key and times that ruamel.yaml keeps.
_CORE: tuple[tuple[str, str, str], ...] = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        (
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN"
        ),
        "-+.0123456789",
    ),
    ("merge", "<<", "<"),
)


class _Core(yaml.SafeLoader):
    """Reads the core schema of YAML 1.2."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own way to have none of its parent's


def _whole(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


for _name, _pattern, _first in _CORE:
    _first_characters = ["" if character == "\0" else character for character in _first]
    _Core.add_implicit_resolver(_TAG + _name, re.compile(f"(?:{_pattern})\\Z"), _first_characters)
for _character, _resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items():
    for _tag, _times in _resolvers:
        if _tag == _TAG + "timestamp":
            _Core.add_implicit_resolver(_tag, _times, [_character])
_Core.add_constructor(_TAG + "int", _whole)

LOADERS: dict[Dialect, type[yaml.SafeLoader]] = {"1.1": yaml.SafeLoader, "1.2": _Core}


def scalar(text: str, dialect: Dialect) -> Any:
    """What a plain scalar of that text is; the text itself where it is no value."""
    loader = LOADERS[dialect]("")
    resolve: Any = loader.resolve
    try:
        return loader.construct_object(
            yaml.ScalarNode(resolve(yaml.ScalarNode, text, (True, False)), text)
        )
    except (ValueError, yaml.YAMLError):
        return text
