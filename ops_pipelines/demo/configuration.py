"""The demo's configuration, as far as it is obeyed: a YAML file, filled from `.env`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ops_pipelines.demo.failures import DemoError
from ops_pipelines.demo.home import Home
from ops_pipelines.language import _

_REFERENCE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)(?::-([^}]*))?\}")


class _Section(BaseModel):
    # What the demo does not obey is not its business; a value may be a secret and is not repeated.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class App(_Section):
    """The `app` section."""

    version: str


class Database(_Section):
    """The `database` section; the path starts from the application's folder."""

    path: str


class Llm(_Section):
    """The `llm` section; the timeout is in seconds."""

    provider: str
    model: str
    timeout: float = Field(gt=0)
    max_tokens: int = Field(ge=1)


class Embeddings(_Section):
    """The `embeddings` section."""

    provider: str
    model: str
    dimension: int = Field(ge=1, le=4096)
    batch_size: int = Field(ge=1)


class Retrieval(_Section):
    """The `retrieval` section."""

    top_k: int = Field(ge=1)


class DocumentProcessing(_Section):
    """The `document_processing` section; the size of a passage is in characters."""

    chunk_size: int = Field(ge=1)


class Cache(_Section):
    """The `cache` section; answers live for so many seconds."""

    enabled: bool
    default_ttl: float = Field(gt=0)
    max_size: int = Field(ge=1)


class Performance(_Section):
    """The `performance` section."""

    max_concurrent_requests: int = Field(ge=1)


class Monitoring(_Section):
    """The `monitoring` section: from how many seconds on a component is not well."""

    degraded_after: float = Field(gt=0)
    unhealthy_after: float = Field(gt=0)


class Logging(_Section):
    """The `logging` section; the file starts from the application's folder."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    file: str
    max_size_mb: float = Field(gt=0)
    backup_count: int = Field(ge=0)


class Configuration(_Section):
    """All that the demo obeys."""

    app: App
    database: Database
    llm: Llm
    embeddings: Embeddings
    retrieval: Retrieval
    document_processing: DocumentProcessing
    cache: Cache
    performance: Performance
    monitoring: Monitoring
    logging: Logging


def read(home: Home) -> Configuration:
    """The configuration in `home`.

    Raises:
        DemoError: the file, or `.env` beside it, cannot be used.
    """
    file = home.configuration_file
    try:
        variables = parse_environment(home.environment_file.read_text("utf-8"))
        text = fill(file.read_text("utf-8"), variables)
        return Configuration.model_validate(yaml.safe_load(text))
    except KeyError as error:
        raise _broken(file, _("{name} is not set in .env").format(name=error.args[0])) from None
    except (ValidationError, yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise _broken(file, str(error)) from None


def parse_environment(text: str) -> dict[str, str]:
    """The variables in the lines `NAME=value` of a `.env` file."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _equals, value in pairs}


def fill(text: str, variables: Mapping[str, str]) -> str:
    """`text` with its `${NAME}` and `${NAME:-default}` replaced; those in comments stay.

    Raises:
        KeyError: a variable is not among `variables` and has no default.
    """

    def value_of(reference: re.Match[str]) -> str:
        name, default = reference.groups()
        if default is not None:
            return variables.get(name) or default
        return variables[name]

    lines = text.splitlines(keepends=True)
    return "".join(
        line if line.lstrip().startswith("#") else _REFERENCE.sub(value_of, line) for line in lines
    )


def _broken(file: Path, detail: str) -> DemoError:
    return DemoError(_("{file} cannot be used: {detail}").format(file=file, detail=detail))
