"""The `config` section: which files and databases are kept, and how the configuration is judged."""

from typing import Annotated, Literal

from pydantic import Field

from ops_pipelines.language import N_
from ops_pipelines.settings.section import LocalPath, Seconds, Section, Whole

Text = Annotated[str, Field(min_length=1)]


class Validator(Section):
    """The service's own validator: a command that is run without a shell."""

    command: tuple[Text, ...] = Field(
        min_length=1,
        description=N_("the program and its arguments; {file} stands for the validated file"),
        examples=[["rag-system", "check-config", "{file}"]],
    )
    timeout_seconds: Seconds = Field(20, description=N_("then it is ended"))


class KeepSnapshots(Section):
    """The `config.keep` section: how long snapshots stay."""

    days: Whole = Field(30, ge=1, description=N_("snapshots that are older may be removed"))
    minimum: Whole = Field(3, ge=1, description=N_("so many stay, however old they are"))


class Rotation(Section):
    """The `config.rotation` section: how logrotate is to treat the service's logs."""

    owner: Text | None = Field(
        None, description=N_("user that owns a new log file"), examples=["raguser"]
    )
    group: Text | None = Field(
        None, description=N_("group of a new log file"), examples=["raguser"]
    )
    mode: Annotated[str, Field(pattern="^[0-7]{3,4}$")] = Field(
        "644", description=N_("mode of a new log file, in quotes")
    )
    rotate: Whole = Field(30, ge=0, description=N_("old files that are kept, one a day"))
    postrotate: Text | None = Field(
        None,
        description=N_("shell line that makes the service open its log anew"),
        examples=["systemctl reload rag-system"],
    )
    maxsize: Annotated[str, Field(pattern="^[1-9][0-9]*[kMG]?$")] | None = Field(
        None, description=N_("rotate before the day is over from this size on"), examples=["100M"]
    )


class Config(Section):
    """The `config` section."""

    files: tuple[LocalPath, ...] = Field(
        (),
        description=N_("files that a snapshot keeps; .env files also set what ${NAME} stands for"),
        examples=[["/app/config/production.yaml", "/app/.env"]],
    )
    databases: tuple[LocalPath, ...] = Field(
        (),
        description=N_("SQLite databases that a snapshot keeps"),
        examples=[["/app/rag_system.db"]],
    )
    validated: LocalPath | None = Field(
        None,
        alias="validate",
        description=N_("the configuration that is validated; default: the first YAML of files"),
        examples=["/app/config/production.yaml"],
    )
    yaml_version: Literal["1.1", "1.2"] = Field(
        "1.1",
        description=N_("how the service reads YAML, in quotes: PyYAML 1.1, ruamel.yaml 1.2"),
    )
    unknown_keys: Literal["warning", "critical", "ignore"] = Field(
        "warning", description=N_("how much a key matters that looks misspelled")
    )
    json_schema: LocalPath | None = Field(
        None,
        alias="schema",
        description=N_("a JSON Schema of your own (JSON or YAML)"),
        examples=["rag.schema.json"],
    )
    rules: tuple[LocalPath, ...] = Field(
        (), description=N_("rule files of your own"), examples=[["rules.yaml"]]
    )
    validator: Validator | None = Field(
        None,
        description=N_("the service's own validator; exit code 0 means valid"),
        examples=[{"command": ["rag-system", "check-config"]}],
    )
    keep: KeepSnapshots = Field(
        default_factory=KeepSnapshots, description=N_("how long snapshots stay")
    )
    rotation: Rotation = Field(
        default_factory=Rotation, description=N_("how logrotate treats the service's logs")
    )

    @property
    def validated_file(self) -> str | None:
        """The configuration that is validated, if there is one."""
        written = (file for file in self.files if file.endswith((".yaml", ".yml")))
        return self.validated or next(written, None)
