"""Tries proposed checks: one round of the product's own probes, without calls that cost money."""

from datetime import datetime

from ops_pipelines.health.probe import Round, run_round
from ops_pipelines.settings.checks import AnyCheck
from ops_pipelines.settings.paid_checks import OpenAiCheck
from ops_pipelines.settings.service import Service

SECONDS = 4.0


async def tried(service: Service, now: datetime) -> Round:
    """What the checks of `service` say now."""
    checks = tuple(map(_free_of_charge, service.health.checks))
    limits = {"timeout_seconds": SECONDS, "deadline_seconds": SECONDS, "checks": checks}
    health = service.health.model_copy(update=limits)
    return await run_round(service.model_copy(update={"health": health}), now)


def _free_of_charge(check: AnyCheck) -> AnyCheck:
    return (
        check.model_copy(update={"calls_per_day": 0}) if isinstance(check, OpenAiCheck) else check
    )
