"""Texts about what a service answers that nothing was known of (`settings new`)."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

_ERRORS = {
    "discovery.no_answer": Text(N_("{url} gave no answer: {reason}")),
    "discovery.bad_header": Text(
        N_("--header {header} is no header; write it so: --header 'Name: ${{NAME}}'")
    ),
    "discovery.literal_secret": Text(
        N_(
            "--header {name} would be written into the file as it is. Put its value into the "
            "environment and write a reference: --header '{name}: ${{NAME}}'"
        )
    ),
    "discovery.password_in_url": Text(
        N_(
            "--url holds a password, which would be written into the file. Leave it out, and send "
            "it so: --header 'Authorization: Basic ${{NAME}}'"
        )
    ),
    "discovery.unset_variable": Text(
        N_("--header {header} uses ${{{name}}}, which is not set in the environment")
    ),
    "discovery.bad_name": Text(
        N_("--name {name} is no name; use small letters, digits and -, at most 60 of them")
    ),
    "discovery.file_exists": Text(
        N_("{file} exists, and nothing was written; name another file, or move it away first")
    ),
}

_REMARKS = {
    "discovery.seen": Text(N_("{url} answered {status} with a verdict in its body.")),
    "discovery.body_says_more": Text(
        N_("An answer with 503 is read as well: its body says what is wrong.")
    ),
    "discovery.time_to_decide": Text(
        N_(
            "TO DECIDE: {why}. If it is local time, set timezone: above; if it is no time of the "
            "verdict, remove timestamp: here; else the answer is a constant one."
        )
    ),
    "discovery.word_to_decide": Text(
        N_(
            "TO DECIDE: the word “{word}” may mean well or ill. Until it stands in healthy:, "
            "degraded: or unhealthy: of this check, it is unknown. A list replaces the default one."
        )
    ),
    "discovery.word_not_read": Text(N_("Not read: “{word}” at “{path}” is no clear verdict.")),
    "discovery.deeper": Text(
        N_("Components report parts of their own; those are not read, their own verdict is.")
    ),
    "discovery.calls_models": Text(
        N_(
            "A look here makes LiteLLM call every model, which costs time and money, unless its "
            "general_settings hold background_health_checks: true."
        )
    ),
    "discovery.models": Text(N_("{url} lists {count} model(s): {names}.")),
    "discovery.models_guessed": Text(
        N_(
            "Which of them to try is guessed from their names: put in those that the service uses. "
            "Only the list was tried: a completion or an embedding costs a call."
        )
    ),
    "discovery.status_decides": Text(
        N_("{url} answered {status} with “{text}”: the HTTP status alone is the verdict.")
    ),
    "discovery.port_only": Text(
        N_(
            "No answer held a verdict: only whether the port accepts connections is checked, and "
            "that says little. Give the address of a health endpoint as --url, if there is one."
        )
    ),
}

_LEFT = {
    "discovery.not_there": Text(N_("not there ({status})")),
    "discovery.not_asked": Text(N_("not asked: the time was over before")),
    "discovery.wants_key": Text(
        N_("wants a key ({status}): give it with --header 'Authorization: Bearer ${{NAME}}'")
    ),
    "discovery.refused": Text(N_("refuses the request ({status})")),
    "discovery.leads_elsewhere": Text(N_("leads to {location} ({status})")),
    "discovery.same_as_any": Text(
        N_("answers {status}, as it does at an address that cannot exist: that says nothing")
    ),
    "discovery.page": Text(N_("answers {status} with HTML: a page for people, no verdict")),
    "discovery.metrics": Text(N_("Prometheus metrics: no verdict, and read by no check")),
    "discovery.no_verdict": Text(
        N_("answers {status} with JSON in which no verdict was found; its keys: {keys}")
    ),
    "discovery.text": Text(N_("answers {status} with “{text}”: no clear verdict")),
    "discovery.status": Text(
        N_(
            "answers {status} with “{text}”: whether a health check fails, a key is missing "
            "(--header), or something else is wrong, cannot be told"
        )
    ),
    "discovery.status_says_less": Text(
        N_("answers {status} with “{text}”: its HTTP status says less than the checks above")
    ),
    "discovery.no_models": Text(N_("lists no model: none is loaded")),
    "discovery.models_elsewhere": Text(
        N_("lists models ({names}), but not as OpenAI's API does: no check reads it")
    ),
    "discovery.says_the_same": Text(N_("says nothing that {url} does not say")),
    "discovery.too_many": Text(N_("a check more than the {most} that are proposed at once")),
}

TEXTS = {**_ERRORS, **_REMARKS, **_LEFT}
