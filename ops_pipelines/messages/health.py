"""Texts about the health of a service: why a component is as it is, and what to do."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

# Why a probe did not end as healthy, and what to do about it where that is special.
_REASONS = {
    "health.status": Text(N_("status ({status}), wanted {wanted}")),
    "health.redirected": Text(
        N_("status ({status}), wanted {wanted}; it leads to {location}"),
        N_("Write the address that it leads to into the check, if it is the right one."),
    ),
    "health.unresolved": Text(
        N_("the name {host} cannot be resolved ({detail})"),
        N_("Is the name right? Does this machine's name server answer (getent hosts {host})?"),
    ),
    "health.no_connection": Text(
        N_("no connection to {address} ({detail})"),
        N_("Does it run, and listen there? Look at its log, then at firewalls in between."),
    ),
    "health.bad_certificate": Text(
        N_("the certificate of {address} is not trusted ({detail})"),
        N_("Renew it; for a private CA name its certificate as health.ca_file."),
    ),
    "health.no_tls": Text(N_("no TLS handshake with {address} ({detail})")),
    "health.certificate_not_yet_valid": Text(N_("the certificate is not valid yet")),
    "health.certificate_expired": Text(
        N_("the certificate expired on {expires}"), N_("Renew it, and reload the server.")
    ),
    "health.certificate_expires": Text(
        N_("the certificate expires in {days_left:g} days, wanted at least {warn_days}"),
        N_("Renew it, and reload the server."),
    ),
    "health.certificate_self_signed": Text(
        N_("the certificate is self-signed, or its chain ends in one that is not trusted"),
        N_("If it is yours, name it as health.ca_file; else somebody may be in between."),
    ),
    "health.certificate_of_unknown_issuer": Text(
        N_("the certificate's issuer is not known: {issuer}"),
        N_("Name the CA as health.ca_file, or have the server send its whole chain."),
    ),
    "health.certificate_of_another_name": Text(
        N_("the certificate is not for {host}; it is for {names}"),
        N_("Ask under a name that it bears, or have it made for this one."),
    ),
    "health.certificate_of_the_chain": Text(
        N_("a certificate of the chain has expired, or is not valid yet; its own ends {expires}"),
        N_("Have the server send today's chain of its issuer; renew a private CA of your own."),
    ),
    "health.certificate_not_trusted": Text(N_("the certificate is not trusted ({detail})")),
    "health.ca_file": Text(N_("ca_file cannot be read: {file} ({detail})")),
    "health.no_whole_answer": Text(N_("{address} gave no whole HTTP answer ({detail})")),
    "health.bad_request": Text(N_("the request cannot be made ({detail})")),
    "health.hangs_resolving": Text(N_("the name was not resolved within {seconds:g} s")),
    "health.hangs_connecting": Text(
        N_("no connection within {seconds:g} s"),
        N_("Does the machine run? Does a firewall drop what is sent to it?"),
    ),
    "health.hangs_answering": Text(
        N_("connected, but no answer within {seconds:g} s"),
        N_("It is there, but stuck or overloaded: look at its queue and at what it waits for."),
    ),
    "health.hangs_in_the_body": Text(N_("the answer did not end within {seconds:g} s")),
    "health.model_not_listed": Text(
        N_("the model list lacks {missing}; it has {listed}"),
        N_("Is the model loaded, and is its name in the service file right?"),
    ),
    "health.no_completion": Text(N_("the answer holds no completion; it begins with: {begins}")),
    "health.no_embedding": Text(N_("the answer holds no embedding; it begins with: {begins}")),
    "health.embedding_length": Text(
        N_("an embedding has {found} numbers, wanted {wanted}"),
        N_("Another model answers than the one that made the vector store: do not write to it."),
    ),
    "health.no_text": Text(N_("the answer has no text at “{path}”")),
    "health.wrong_answer": Text(
        N_("the answer lacks “{expect}”; it begins with: {begins}"),
        N_("Ask it yourself. Are the documents in the store, and is retrieval well?"),
    ),
    "health.wrong_sources": Text(
        N_("none of the {found} sources holds “{expect}”"),
        N_("Is the document in the store, and was the store built with today's embedding model?"),
    ),
    "health.no_sources": Text(
        N_("the answer names no source at “{path}”"),
        N_("Ask it yourself. Are the documents in the store, and is retrieval well?"),
    ),
    "health.does_not_hold": Text(N_("the answer does not fulfil {condition}")),
    "health.not_probed": Text(
        N_("not probed: {calls_per_day} calls a day are allowed; last probed: {last}")
    ),
    "health.not_probed_again": Text(
        N_("not probed: {calls_per_day} calls a day are allowed; at {last}: {reason}")
    ),
    "health.not_asked": Text(N_("not asked while {because_of} is in trouble")),
    "health.no_reason": Text(N_("the service gives no reason")),
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
        N_("“{word}” at “{path}” is in none of the lists healthy, degraded, unhealthy"),
        N_("Add the word to one of these lists of the check."),
    ),
    "health.says": Text(N_("says “{word}”")),
    "health.no_components": Text(N_("the body has no component at “{path}”")),
    "health.too_many_components": Text(N_("{found} components, of which {most} are read")),
    "health.no_time": Text(N_("“{path}” is no time: {found}")),
    "health.stale": Text(
        N_("the verdict is {age_seconds:g} s old, wanted at most {most_seconds:g} s")
    ),
    "health.future": Text(N_("the verdict's time lies {ahead_seconds:g} s in the future")),
    "health.gap": Text(
        N_("no probe at the end of this time"),
        N_("Is the sensor health_sensor running, and was Dagster?"),
    ),
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
    "health.symptom": Text(
        N_("{subject}: {reason} (because of {caused_by})"),
        N_("Look at {caused_by} first."),
    ),
    "health.incident": Text(
        N_("{subject} was not well for {minutes:g} min, from {start} to {end}: {reason}")
    ),
    "health.budget_spent": Text(
        N_(
            "{subject} was available for {availability_percent:g} percent of the last {days} days, "
            "wanted {objective_percent:g}"
        ),
        N_("Put what caused the longest incidents before new features."),
    ),
    "health.slower": Text(
        N_("{subject} answers slower: p95 {p95_seconds:.2f} s, last week {week_p95_seconds:.2f} s"),
        N_("What has changed: load, model, data? Look at the log report of the same day."),
    ),
    "health.offline": Text(
        N_("the checker is offline: no check got an answer, and {reference} did not either"),
        N_("Look at this machine's network. Of the service nothing is known meanwhile."),
    ),
    "health.was_offline": Text(
        N_("the checker was offline for {minutes:g} min; nothing is known of that time")
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
