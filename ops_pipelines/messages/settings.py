"""Texts about service files."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

TEXTS = {
    "settings.broken": Text(N_("{file}: {count} problem(s) keep this service from being used")),
    "settings.empty": Text(
        N_("the file holds no settings"),
        N_("Write at least name: and base_url:; `ops-pipelines settings sample` shows all keys."),
    ),
    "settings.missing": Text(N_("{path} is missing"), N_("Add it; it has no default.")),
    "settings.wrong": Text(N_("{path} is {found}, wanted {wanted}")),
    "settings.unknown_key": Text(N_("the key {key} is not known here"), N_("Known keys: {known}.")),
    "settings.unknown_key_near": Text(
        N_("the key {key} is not known here"), N_("Did you mean {near}?")
    ),
    "settings.unset_variable": Text(
        N_("{path} uses ${{{name}}}, which is not set in the environment"),
        N_("Set it, or write a default: ${{{name}:-…}}."),
    ),
    "settings.jmespath": Text(
        N_("{path} is no JMESPath (it breaks at character {position}): {expression}"),
        N_('Keys with other characters than letters, digits and _ need quotes: a."b-c".'),
    ),
    "settings.time_of_day": Text(
        N_("{path} is {found}, wanted a time of day such as 00:15"),
        N_("Put it in quotes: YAML 1.1 reads 12:30 as a number."),
    ),
    "settings.timezone": Text(
        N_("{path} is {found}, which is no timezone"),
        N_("Use a name such as UTC or Asia/Shanghai."),
    ),
    "settings.http_url": Text(N_("{path} is {found}, wanted http://… or https://…")),
    "settings.body_without_post": Text(
        N_("{path} is sent only with method: POST, and the method is {method}")
    ),
    "settings.word_twice": Text(
        N_("the word {word} stands in {path} and in {other}"), N_("Keep it in one of them.")
    ),
    "settings.name_twice": Text(
        N_("{path}: an earlier check is called {name} as well"), N_("Give each check its own name.")
    ),
    "settings.service_twice": Text(
        N_("the service {name} is described in {first} already"),
        N_("Give each service its own name (- and _ count as the same)."),
    ),
    "settings.no_services": Text(
        N_("no service is described; write one: services/NAME.yaml with name: and base_url:")
    ),
    "settings.several_services": Text(
        N_("several services are described ({names}); say which: --service NAME")
    ),
    "settings.no_such_service": Text(N_("no service is called {name}; there are: {names}")),
}
