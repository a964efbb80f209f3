"""`${NAME}` and `${NAME:-default}` in service files, replaced from the environment.

What comes out of the environment may be a secret, so it is learned by the redactor; except what
only says what is meant (`http://host:8000`, the name of a folder or a model, a port), because
masking that would hide from operators what a message speaks of.
"""

import re
from collections.abc import Container, Mapping
from urllib.parse import urlsplit

from ops_pipelines.located_yaml import Path
from ops_pipelines.redaction import learn, learn_credentials

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_PLACES = {
    *("name", "timezone", "language", "data_dir", "state_dir", "ca_file", "host", "port"),
    *(
        "model",
        "embedding_model",
        "files",
        "databases",
        "validate",
        "schema",
        "rules",
        "owner",
        "group",
        "mode",
    ),
}
_FREE = {"headers", "body"}  # mappings whose keys are the operator's own


class References:
    """Replaces the references of one file; knows afterwards what was written and what is unset.

    Attributes:
        written: the values that were replaced, as the file has them.
        unset: where a name was used that is unset and has no default, and that name.
    """

    def __init__(self, environment: Mapping[str, str], not_read: Container[str | int]) -> None:
        self.environment = environment
        self.not_read = not_read
        self.written: dict[Path, str] = {}
        self.unset: list[tuple[Path, str]] = []

    def replace(self, path: Path, text: str) -> str:
        """`text`, the value at `path`, with its references replaced."""
        if not path or path[0] in self.not_read:
            return text
        replaced = REFERENCE.sub(lambda reference: self._value(reference, path), text)
        if replaced != text:
            self.written[path] = text
        _learn_from_url(replaced)
        return replaced

    def _value(self, reference: re.Match[str], path: Path) -> str:
        name, default = reference.groups()
        value = self.environment.get(name)
        if default is not None and not value:
            return str(default)
        if value is None:
            self.unset.append((path, name))
            return reference.group()
        if not (_says_where(path) or _is_address(value) or _is_in_address(reference)):
            learn(value)
        return value


def _learn_from_url(text: str) -> None:
    """Mask the password that a URL carries, wherever it came from."""
    if "@" not in text:
        return
    try:
        parts = urlsplit(text)
    except ValueError:
        return
    if parts.password and not REFERENCE.fullmatch(parts.password):
        learn_credentials(parts.username or "", parts.password)


def _says_where(path: Path) -> bool:
    names = [part for part in path if isinstance(part, str)]
    return not _PLACES.isdisjoint(names[-1:]) and _FREE.isdisjoint(path)


def _is_in_address(reference: re.Match[str]) -> bool:
    """Whether a reference stands for the host or port of a URL, where no password can be."""
    before = reference.string[: reference.start()]
    after = re.split("[/?#]", reference.string[reference.end() :])[0]
    return re.fullmatch(r"https?://[^/@?#]*", before) is not None and "@" not in after


def _is_address(value: str) -> bool:
    """Whether `value` is `http(s)://host[:port]` and nothing more."""
    return re.fullmatch(r"https?://[^/@?#\s]+/?", value) is not None
