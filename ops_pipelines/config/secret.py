"""Which values of a configuration are secrets: told by their key, or by their shape.

A value that is found to be one is learned by the redactor; and no message, excerpt or difference
shows the text of a value unless it is a word of our own tables.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ops_pipelines.config.vocabulary import canonical, meant, normal
from ops_pipelines.located_yaml import Path
from ops_pipelines.redaction import MASK, learn

_KEY = re.compile(
    r"(^|_)(api_?keys?|apikey|secrets?|passwords?|passwd|pwd|passphrase|credentials?|token|tokens"
    r"|dsn|connection_string|(access|secret|private|master|signing|encryption|salt|auth|account|app"
    r"|hmac)_?(key|secret)(_id)?|[a-z]+_password|authorization|bearer)\d*$"
)
_NO_SECRET = re.compile(
    r"(^|_)(max|min|num|n|eos|bos|pad|unk|stop|special|end|start|next|input|output|prompt|total|"
    r"context|image|completion|new|chunk|count|per|ignore|think|thinking|reasoning|separator|mask|"
    r"img|text|fill|system|user|assistant|overlap|budget|size|of)_tokens?$|^tokens$"
    r"|(^|_)(pull|existing|image)_secrets?$"
)
_SHAPE = re.compile(
    r"\b(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{25,}|AKIA[0-9A-Z]{16}"
    r"|xox[abps]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+"
    r"|pcsk_[A-Za-z0-9_]{20,}|gsk_[A-Za-z0-9]{20,}|nvapi-[\w-]{20,}|tvly-[\w-]{16,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
# What stands where no secret is needed, or where the operator's own is still to come.
_NONE = re.compile(
    r"(?i)^(|none|null|empty|no[-_ ]?(api)?[-_ ]?key.*|not[-_ ]?(needed|used|required|set).*"
    r"|dummy.*"
    r"|fake.*|n/?a|na|ollama|local(ai|host)?|test|unused|token-abc123|lm-studio|sk-no-key-required"
    r"|anything|any|abc|x{1,3}|false|true|basic|bearer|default|0)$"
)
_PLACEHOLDER = re.compile(
    r"(?i)(^|[-_ <\[{(])(your|my|the|insert|put|enter|replace|add|change|todo|fixme)([-_ ]|$)"
    r"|change[-_ ]?(me|it|this)|replace[-_ ]?(me|this|with)|(api|secret|access)[-_ ]?key[-_ ]?here"
    r"|^<.*>$|^\[.*\]$"
    r"|^sk-(x+|\*+|\.+|1234|xxxx.*|your.*|\.\.\..*)$|x{4,}|\*{3,}|^\.\.\.$|你的|您的|请填写|请替换"
)
_INDIRECT = re.compile(
    r"^(os\.environ/|env[:.]|file:|vault:|secret:|secretref:|arn:|/run/secrets/|\$|op://|\{\{"
    r"|[\w.+-]*(secret|vault|ssm|keychain)[\w.+-]*://"
    r"|[A-Z][A-Z0-9]*_([A-Z0-9]+_)*(KEY|TOKEN|SECRET|PASSWORD)$)"  # the name of a variable
)
SHORTEST_LEARNED = 8


def is_secret_key(key: Any) -> bool:
    """Whether what stands at `key`, or at the key that was meant, is secret."""
    names = {normal(key), canonical(key), meant(str(key)) or ""}
    return any(_KEY.search(name) and not _NO_SECRET.search(name) for name in names)


def has_secret_shape(text: str) -> bool:
    """Whether `text` looks like a key that some provider has given out."""
    return _SHAPE.search(text) is not None


def is_placeholder(text: str) -> bool:
    """Whether `text` stands where the operator's own value is to come."""
    return _PLACEHOLDER.search(text) is not None


def is_secret(key: Any, value: Any) -> bool:
    """Whether `value`, at `key`, is a secret in the clear."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return is_secret_key(key) and "token" not in normal(key)  # a number of tokens
    if not isinstance(value, str) or is_nothing(value):
        return False
    if has_secret_shape(value) or _password(value):
        return True
    return is_secret_key(key) and not value.startswith("/")


def is_nothing(value: str) -> bool:
    """Whether `value` says that there is no secret, or where it is to be found."""
    text = value.strip()
    return _NONE.search(text) is not None or _INDIRECT.search(text) is not None


def masked(key: Any, value: Any) -> Any:
    """`value`, at `key`, as it may be shown: a secret masked, in a URL the password."""
    if not is_secret(key, value):
        return value
    password = _password(value) if isinstance(value, str) else None
    return value.replace(password, MASK) if password and not has_secret_shape(value) else MASK


def key_of(path: Path) -> str:
    """The key that tells whether the value at `path` is secret: its own, or a secret one above."""
    names = [part for part in path if isinstance(part, str)]
    return next(filter(is_secret_key, names), names[-1] if names else "")


def learn_secrets(data: Any) -> None:
    """Mask every secret in `data`, a document, from here on."""
    for key, value in leaves(data):
        if is_secret(key, value):
            for secret in (str(value), _password(str(value))):
                if secret and len(secret) >= SHORTEST_LEARNED:
                    learn(secret)


def leaves(data: Any, key: Any = "") -> list[tuple[Any, Any]]:
    """Every value that is neither mapping nor list, with its key, or a secret one above it."""
    match data:
        case Mapping():
            named = ((key if is_secret_key(key) else name, v) for name, v in data.items())
            return [leaf for name, value in named for leaf in leaves(value, name)]
        case list():
            return [leaf for value in data for leaf in leaves(value, key)]
    return [(key, data)]


def _password(value: str) -> str | None:
    """The password in a URL."""
    if "://" not in value or "@" not in value:
        return None
    try:
        password = urlsplit(value).password
    except ValueError:
        return None
    return password if password and not password.startswith("$") else None
