"""The `alerts` section: whom to tell."""

from typing import Literal

from pydantic import Field

from ops_pipelines.language import N_
from ops_pipelines.report import Severity
from ops_pipelines.settings.section import Section


class Channel(Section):
    """One way to tell somebody."""

    NOT_READ = ("secret",)

    name: str = Field(min_length=1, description=N_("how the channel is called"), examples=["ops"])
    kind: Literal["apprise", "dingtalk", "feishu", "wecom"] = Field(
        "apprise", description=N_("this version passes over others than apprise")
    )
    url: str = Field(min_length=1, description=N_("an apprise URL"), examples=["${OPS_ALERT_URL}"])
    minimum_severity: Severity = Field(
        Severity.WARNING, description=N_("what matters less is not sent: info, warning, critical")
    )


class Alerts(Section):
    """The `alerts` section."""

    NOT_READ = ("alertmanager", "repeat_hours", "maintenance", "heartbeat_url")

    channels: tuple[Channel, ...] = Field((), description=N_("whom to tell"))
