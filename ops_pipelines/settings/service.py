"""The whole of a service file."""

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from ops_pipelines.language import N_, Language
from ops_pipelines.settings.alerts import Alerts
from ops_pipelines.settings.config import Config
from ops_pipelines.settings.health import Health
from ops_pipelines.settings.logs import Logs
from ops_pipelines.settings.monitoring import Monitoring
from ops_pipelines.settings.section import (
    HttpUrl,
    LocalPath,
    Section,
    Whole,
    Zone,
    is_absolute,
)


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _beside_services(text: Any, info: ValidationInfo) -> Any:
    return f"../data/{info.data.get('name')}" if text == "" else text


def _folder_or_store(text: str, read: ValidatorFunctionWrapHandler) -> Any:
    return text if isinstance(text, str) and is_absolute(text) else read(text)


def _beside_data(text: Any, info: ValidationInfo) -> Any:
    if text != "":
        return text
    data_dir = info.data.get("data_dir", "")
    return f"../state/{info.data.get('name')}" if is_absolute(data_dir) else f"{data_dir}-state"


class Keep(Section):
    """The `keep` section: how much of the past stays."""

    versions: Whole = Field(30, ge=1, description=N_("versions of each output and partition"))
    samples_days: Whole = Field(90, ge=1, description=N_("days of samples"))


class Service(Section):
    """One service that we look after."""

    NOT_READ = ("optimizer", "performance")

    name: str = Field(
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        max_length=60,
        description=N_("small letters, digits and -; the asset keys begin with it, with _ for -"),
        examples=["rag-system"],
    )
    base_url: Annotated[HttpUrl, AfterValidator(_without_slash)] = Field(
        description=N_("where the service answers"), examples=["http://localhost:8000"]
    )
    timezone: Zone = Field(
        "UTC",
        description=N_("its days begin at midnight of this timezone"),
        examples=["Asia/Shanghai"],
    )
    language: Language | None = Field(
        None,
        description=N_("language of its reports and of the UI: en (default) or zh"),
        examples=["zh"],
    )
    data_dir: Annotated[
        LocalPath, WrapValidator(_folder_or_store), BeforeValidator(_beside_services)
    ] = Field(
        "",
        validate_default=True,
        description=N_("documents and tables: a folder (from this file) or s3://bucket/prefix"),
        examples=["../data/rag-system"],
    )
    state_dir: Annotated[LocalPath, BeforeValidator(_beside_data)] = Field(
        "",
        validate_default=True,
        description=N_("samples and cursors: always a local folder; default: beside data_dir"),
        examples=["../state/rag-system"],
    )
    ui_url: Annotated[HttpUrl, AfterValidator(_without_slash)] | None = Field(
        None,
        description=N_("where people reach the Dagster UI, for links in messages"),
        examples=["http://localhost:3000"],
    )
    keep: Keep = Field(default_factory=Keep, description=N_("how much of the past stays"))
    health: Health = Field(default_factory=Health, description=N_("health checks"))
    logs: Logs | None = Field(
        None,
        description=N_("its log; without it no log is read"),
        examples=[{"files": ["/app/logs/rag-system.log*"]}],
    )
    monitoring: Monitoring = Field(default_factory=Monitoring, description=N_("objectives"))
    alerts: Alerts = Field(default_factory=Alerts, description=N_("whom to tell"))
    config: Config | None = Field(
        None,
        description=N_("its configuration: validation, backup, log rotation"),
        examples=[{"files": ["/app/config/production.yaml"]}],
    )

    @property
    def key(self) -> str:
        """The name as Dagster wants it in asset keys."""
        return self.name.replace("-", "_")

    @property
    def zone(self) -> ZoneInfo:
        """Its timezone."""
        return ZoneInfo(self.timezone)

    @property
    def samples_folder(self) -> Path:
        """Where its samples lie."""
        return Path(self.state_dir) / "samples"

    def url(self, path: str) -> str:
        """`path` below `base_url`; an absolute URL stays what it is."""
        return path if is_absolute(path) else f"{self.base_url}/{path.lstrip('/')}"
