"""The whole of a service file."""

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ops_pipelines.language import N_, Language
from ops_pipelines.settings.health import Health
from ops_pipelines.settings.section import ResolvedPath, Section, wrong

# Sections that the service file has a name for, of tasks that are not part of this version.
# They are accepted, so that one file serves this version and the next, and not read.
NOT_READ = ("alerts", "config", "logs", "monitoring", "optimizer", "performance")


def _zone_exists(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("settings.timezone", found=name) from None
    return name


def _is_http(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise wrong("settings.http_url", found=url)
    return url.rstrip("/")


class Keep(Section):
    """The `keep` section: how much of the past stays."""

    versions: int = Field(30, ge=1, description=N_("versions of each output and partition"))
    samples_days: int = Field(90, ge=1, description=N_("days of samples"))


class Service(Section):
    """One service that we look after."""

    name: str = Field(
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        max_length=60,
        description=N_("small letters, digits and -; the asset keys begin with it, with _ for -"),
        examples=["rag-system"],
    )
    base_url: Annotated[str, AfterValidator(_is_http)] = Field(
        description=N_("where the service answers"), examples=["http://localhost:8000"]
    )
    timezone: Annotated[str, AfterValidator(_zone_exists)] = Field(
        "UTC",
        description=N_("its days begin at midnight of this timezone"),
        examples=["Asia/Shanghai"],
    )
    language: Language | None = Field(
        None,
        description=N_("language of its reports and of the UI: en (default) or zh"),
        examples=["zh"],
    )
    data_dir: ResolvedPath = Field(
        "",
        description=N_("documents and tables: a folder (from this file) or s3://bucket/prefix"),
        examples=["../data/rag-system"],
    )
    state_dir: ResolvedPath = Field(
        "",
        description=N_("samples and cursors: always a local folder; default: beside data_dir"),
        examples=["../state/rag-system"],
    )
    keep: Keep = Field(default_factory=Keep, description=N_("how much of the past stays"))
    health: Health = Field(default_factory=Health, description=N_("health checks"))

    @model_validator(mode="before")
    @classmethod
    def _fill_folders(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("name"), str):
            return data
        data = {key: value for key, value in data.items() if key not in NOT_READ}
        beside = Path((info.context or {})["folder"]).parent
        data.setdefault("data_dir", str(beside / "data" / data["name"]))
        if "://" in str(data["data_dir"]):
            data.setdefault("state_dir", str(beside / "state" / data["name"]))
        else:
            data.setdefault("state_dir", f"{str(data['data_dir']).rstrip('/')}-state")
        return data

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
        return path if "://" in path else f"{self.base_url}/{path.lstrip('/')}"
