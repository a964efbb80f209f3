"""`${NAME}` and `${NAME:-default}` in service files, replaced from the environment.

What comes out of the environment may be a secret, so it is learned by the redactor; except what
only says where something is (`http://host:8000`, the name of a folder, a port), because masking
that would hide from operators which service a message speaks of.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ops_pipelines.located_yaml import Path
from ops_pipelines.redaction import learn, learn_credentials

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_PLACES = {"name", "timezone", "language", "data_dir", "state_dir", "ca_file", "host", "port"}


def replace(text: str, path: Path, environment: Mapping[str, str]) -> tuple[str, list[str]]:
    """`text` with its references replaced, and the names that are unset and have no default."""
    unset: list[str] = []

    def value_of(reference: re.Match[str]) -> str:
        name, default = reference.groups()
        value = environment.get(name)
        if default is not None and not value:
            return default
        if value is None:
            unset.append(name)
            return reference.group()
        if path[-1] not in _PLACES and not _is_address(value):
            learn(value)
        return value

    return _REFERENCE.sub(value_of, text), unset


def learn_from_url(url: str) -> None:
    """Mask the password that a URL carries, wherever it came from."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.password:
        learn_credentials(parts.username or "", parts.password)


def _is_address(value: str) -> bool:
    """Whether `value` is `http(s)://host[:port]` and nothing more."""
    return re.fullmatch(r"https?://[^/@?#\s]+/?", value) is not None
