"""One round: its overall status, its findings, and no probe that costs another one its reading."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health.probe import PROBES, findings, overall
from ops_pipelines.health.reading import Reading
from ops_pipelines.report import Reason, Severity, Status
from ops_pipelines.settings.checks import AnyCheck
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.health.bad_server import BadServer, answered, said
from ops_pipelines_tests.health.rounds import NOW, made, service_with, words_of

SERVICE = Service.model_validate(
    {
        "name": "rag",
        "base_url": "http://127.0.0.1:1",
        "health": {
            "checks": [
                {"name": "api", "url": "/"},
                {"name": "cache", "kind": "tcp", "host": "c", "port": 1, "optional": True},
            ]
        },
    },
    context={"folder": "/nowhere/services"},
)
STATUSES = st.sampled_from(Status)


def reading(status: Status, check: str = "api", component: str | None = None) -> Reading:
    reason = None if status is Status.HEALTHY else Reason("health.says", {"word": str(status)})
    return Reading(check, component, status, reason=reason)


READINGS = st.lists(
    st.builds(reading, STATUSES, st.sampled_from(["api", "cache"]), st.none() | st.text())
)


# The overall status


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ("healthy healthy", "healthy"),
        ("healthy degraded", "degraded"),
        ("degraded unknown healthy", "unknown"),
        ("unknown unhealthy degraded", "unhealthy"),
        ("", "unknown"),
    ],
)
def test_the_overall_status_is_the_worst(statuses: str, worst: str) -> None:
    assert overall([reading(Status(s)) for s in statuses.split()], SERVICE) == worst


@given(READINGS)
def test_the_service_is_healthy_only_when_all_that_was_read_is(readings: list[Reading]) -> None:
    is_healthy = overall(readings, SERVICE) is Status.HEALTHY
    assert is_healthy == (
        bool(readings) and all(reading.status is Status.HEALTHY for reading in readings)
    )


@given(READINGS)
def test_an_optional_check_makes_the_service_degraded_at_worst(readings: list[Reading]) -> None:
    required = [reading for reading in readings if reading.check == "api"]
    status = overall(readings, SERVICE)
    if not required and readings:
        assert status in (Status.HEALTHY, Status.DEGRADED)
    if required:
        limit = max(overall(required, SERVICE).badness, Status.DEGRADED.badness)
        assert status.badness <= limit


# Findings


def test_each_component_that_is_not_healthy_is_a_finding_the_worst_first() -> None:
    found = findings(
        [
            reading(Status.HEALTHY),
            reading(Status.DEGRADED, component="llm"),
            reading(Status.UNHEALTHY, component="db"),
            reading(Status.UNKNOWN, component="index"),
        ],
        SERVICE,
    )
    assert [(f.code, f.severity, f.subject) for f in found] == [
        ("health.component_unhealthy", Severity.CRITICAL, "db"),
        ("health.component_degraded", Severity.WARNING, "llm"),
        ("health.component_unknown", Severity.WARNING, "index"),
    ]
    assert found[0].message == "db is unhealthy: says “unhealthy”"
    assert found[0].facts == {
        "status": "unhealthy",
        "check": "api",
        "reason": {"code": "health.says", "facts": {"word": "unhealthy"}},
    }
    assert "Look at the service's log" in found[0].action


@pytest.mark.parametrize(
    ("of_the_check", "of_the_component", "is_symptom"),
    [
        ("unhealthy", "unhealthy", True),
        ("unhealthy", "unknown", True),
        ("unknown", "unknown", True),
        ("degraded", "degraded", True),
        ("degraded", "unhealthy", False),
        ("unknown", "unhealthy", False),
        ("healthy", "degraded", False),
    ],
)
def test_a_component_is_a_symptom_of_its_check_unless_it_is_worse(
    of_the_check: str, of_the_component: str, is_symptom: bool
) -> None:
    check = reading(Status(of_the_check))
    component = reading(Status(of_the_component), component="llm")
    causes = {f.subject: f.facts.get("caused_by") for f in findings([check, component], SERVICE)}
    assert causes["llm"] == ("api" if is_symptom else None)


def test_the_trouble_of_an_optional_check_is_no_more_than_a_warning() -> None:
    (found,) = findings([reading(Status.UNHEALTHY, "cache")], SERVICE)
    assert (found.code, found.severity) == ("health.component_unhealthy", Severity.WARNING)


@given(READINGS)
def test_there_is_a_finding_exactly_where_something_is_not_healthy(
    readings: list[Reading],
) -> None:
    unique = list({reading.key: reading for reading in readings}.values())
    found = findings(unique, SERVICE)
    assert len(found) == sum(reading.status is not Status.HEALTHY for reading in unique)
    assert len({finding.subject for finding in found}) == len(found)
    assert all(finding.message for finding in found)


# The round


def test_a_round_keeps_the_order_of_the_file_and_its_own_time(tmp_path: Path) -> None:
    checks = [f"name: c{n}, url: /c{n}" for n in range(20)]
    with BadServer({f"/c{n}": answered(200) for n in range(20)}) as server:
        found = made(service_with(tmp_path, server.url, checks))
    assert [reading.check for reading in found.readings] == [f"c{n}" for n in range(20)]
    assert found.service == "rag"
    assert found.at == NOW


def test_a_probe_that_fails_by_itself_is_unknown_and_costs_no_other_its_reading(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A Content-Length without a body makes the HTTP library raise what it does not declare."""
    checks = ["name: bad, url: /, headers: {Content-Length: '5'}", "name: good, url: /"]
    with BadServer({"/": said({})}) as server:
        found = made(service_with(tmp_path, server.url, checks))
    assert words_of(found.readings, "good") == {None: "healthy"}
    assert words_of(found.readings, "bad") == {
        None: "unknown: the probe itself failed "
        "(LocalProtocolError: Too little data for declared Content-Length)"
    }
    assert "the probe of bad failed" in caplog.text


def test_each_kind_of_check_has_its_probe() -> None:
    models = [get_args(member)[0] for member in get_args(get_args(AnyCheck)[0])]
    kinds = {get_args(model.model_fields["kind"].annotation)[0] for model in models}
    assert kinds == PROBES.keys() >= {"http", "tcp"}
