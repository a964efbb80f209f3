import pytest

from ops_pipelines.alerts.channels import send, wanted
from ops_pipelines.report import Severity
from ops_pipelines.settings.alerts import Channel


def channel(**given: str) -> Channel:
    return Channel.model_validate({"name": "ops", "url": "json://127.0.0.1:1/", **given})


@pytest.mark.parametrize(
    ("minimum", "severity", "is_wanted"),
    [
        ("info", Severity.INFO, True),
        ("warning", Severity.INFO, False),
        ("warning", Severity.WARNING, True),
        ("critical", Severity.WARNING, False),
        ("critical", Severity.CRITICAL, True),
    ],
)
def test_a_channel_hears_of_what_is_severe_enough(
    minimum: str, severity: Severity, is_wanted: bool
) -> None:
    assert bool(wanted([channel(minimum_severity=minimum)], severity)) == is_wanted


def test_a_kind_of_a_later_version_is_passed_over() -> None:
    assert wanted([channel(kind="dingtalk")], Severity.CRITICAL) == []


@pytest.mark.parametrize("url", ["json://127.0.0.1:1/", "nonsense", "https://"])
def test_a_channel_that_cannot_be_reached_took_nothing(url: str) -> None:
    assert send(channel(url=url), "title", "text") is False
