"""Texts about the health of a service: why a component is as it is, and what to do."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

# Why a probe did not end as healthy.
_REASONS = {
    "health.status": Text(N_("status ({status}), wanted {wanted}")),
    "health.redirected": Text(N_("status ({status}), wanted {wanted}; it leads to {location}")),
    "health.unresolved": Text(N_("the name {host} cannot be resolved ({detail})")),
    "health.no_connection": Text(N_("no connection to {address} ({detail})")),
    "health.bad_certificate": Text(N_("the certificate of {address} is not trusted ({detail})")),
    "health.ca_file": Text(N_("ca_file cannot be read: {file} ({detail})")),
    "health.no_whole_answer": Text(N_("{address} gave no whole HTTP answer ({detail})")),
    "health.bad_request": Text(N_("the request cannot be made ({detail})")),
    "health.hangs_resolving": Text(N_("the name was not resolved within {seconds:g} s")),
    "health.hangs_connecting": Text(N_("no connection within {seconds:g} s")),
    "health.hangs_answering": Text(N_("connected, but no answer within {seconds:g} s")),
    "health.hangs_in_the_body": Text(N_("the answer did not end within {seconds:g} s")),
    "health.body_empty": Text(N_("the body is empty")),
    "health.body_too_large": Text(N_("the body is larger than {most_bytes} bytes")),
    "health.body_too_deep": Text(N_("the body is nested too deeply to be read")),
    "health.body_encoding": Text(N_("the body has the unknown encoding {encoding}")),
    "health.body_damaged": Text(N_("the body is damaged {encoding} ({detail})")),
    "health.body_cut_off": Text(N_("the body ends in the middle of its {encoding}")),
    "health.body_goes_on": Text(N_("the body goes on after the end of its {encoding}")),
    "health.body_charset": Text(N_("the body has the unknown charset {charset}")),
    "health.body_not_text": Text(N_("the body is not {charset} (byte {offset})")),
    "health.body_not_json": Text(
        N_("the body is not JSON (line {line}, column {column}); it begins with: {begins}")
    ),
    "health.body_bad_number": Text(N_("the body holds a number that is not JSON ({detail})")),
    "health.no_verdict": Text(N_("the body has nothing at “{path}”")),
    "health.verdict_not_a_word": Text(N_("“{path}” is a {found}, wanted a word")),
    "health.unknown_word": Text(
        N_("“{word}” at “{path}” is in none of the lists healthy, degraded, unhealthy")
    ),
    "health.says": Text(N_("says “{word}”")),
    "health.no_components": Text(N_("the body has no component at “{path}”")),
    "health.too_many_components": Text(N_("{found} components, of which {most} are read")),
    "health.no_time": Text(N_("“{path}” is no time: {found}")),
    "health.stale": Text(
        N_("the verdict is {age_seconds:g} s old, wanted at most {most_seconds:g} s")
    ),
    "health.future": Text(N_("the verdict's time lies {ahead_seconds:g} s in the future")),
    "health.gap": Text(N_("not probed")),
    "health.not_reported": Text(N_("its check did not report it")),
    "health.probe_failed": Text(N_("the probe itself failed ({detail})")),
}

_FINDINGS = {
    "health.component_unhealthy": Text(
        N_("{subject} is unhealthy: {reason}"),
        N_("Look at the service's log at that time, and whether it still runs; then probe again."),
    ),
    "health.component_degraded": Text(
        N_("{subject} is degraded: {reason}"),
        N_("It still answers. Look at its load and at what it depends on before it gets worse."),
    ),
    "health.no_samples": Text(
        N_("{subject} was not probed in this window"),
        N_("Is the sensor health_sensor running, and was Dagster? Samples lie in {folder}."),
    ),
    "health.component_unknown": Text(
        N_("{subject}: it cannot be told how it is: {reason}"),
        N_("Look at the answer itself (curl) and at this check's mapping in the service file."),
    ),
}

TEXTS = {**_REASONS, **_FINDINGS}
