"""Texts about the days of a log: what changed, what is too much, and what is kept."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

_CHANGES = {
    "logs.new_error_type": Text(
        N_("{subject}: {count} errors of a type that none of the {days} days before had"),
        N_("What was deployed or configured since yesterday? Look at its first line in the log."),
    ),
    "logs.error_type_up": Text(
        N_("{subject}: {count} errors, against {usual_count} on {usual_day}"),
        N_("Look at what these requests have in common: a model, a provider, an hour."),
    ),
    "logs.error_rate_up": Text(
        N_("{subject}: {rate:.2%} of requests failed, against {usual_rate:.2%} on {usual_day}"),
        N_("The hours and types of the errors say since when, and what; is its provider well?"),
    ),
    "logs.slower": Text(
        N_("{subject}: {point} was {seconds:.3g} s, against {usual_seconds:.3g} s on {usual_day}"),
        N_("Is it load (more requests at once), the model itself, or what it waits for?"),
    ),
    "logs.traffic_fell": Text(
        N_("{requests} requests, against {usual} on {usual_day}"),
        N_("Do all clients still reach it? A log that stopped early looks the same."),
    ),
    "logs.traffic_rose": Text(
        N_("{requests} requests, against {usual} on {usual_day}"),
        N_("Who asks so much more? Look at the endpoints and hours."),
    ),
}

_LIMITS = {
    "logs.error_rate_high": Text(
        N_("{rate:.2%} of requests failed, wanted at most {limit:.0%}"),
        N_("The hours and types of the errors say since when, and what."),
    ),
    "logs.slow": Text(
        N_("one request in twenty took longer than {p95_seconds:.3g} s, wanted {limit_seconds:g}"),
        N_("Look at the slowest endpoints and models; the aim is monitoring.slo.latency_seconds."),
    ),
    "logs.quiet_day": Text(
        N_("the log has no line of this day"),
        N_("Does the service run, and write to the files that logs.files names?"),
    ),
    "logs.late_report": Text(
        N_("there is no complete report of {day}, which ended {hours:g} hours ago"),
        N_("Do the daemon and the schedules run? Materialize the day to see what is in the way."),
    ),
}

_KEPT = {
    "logs.kept_more_lines": Text(
        N_(
            "the files have {read} lines of this day, and what is stored was made from {stored}: "
            "it stays"
        )
    ),
    "logs.kept_readable": Text(
        N_("no line of this day can be read any more; what is stored of it stays")
    ),
    "logs.day_not_covered": Text(
        N_("the files have no line of this day; they begin with {first}, and nothing is stored")
    ),
    "logs.no_lines_at_all": Text(N_("the log has no line: {files}")),
}

TEXTS = {**_CHANGES, **_LIMITS, **_KEPT}
