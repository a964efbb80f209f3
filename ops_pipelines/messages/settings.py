"""Texts about service files."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

_WANTED = {
    "settings.wanted_text": Text(N_("text")),
    "settings.wanted_whole": Text(N_("a whole number")),
    "settings.wanted_number": Text(N_("a number")),
    "settings.wanted_flag": Text(N_("true or false")),
    "settings.wanted_mapping": Text(N_("a mapping (key: value)")),
    "settings.wanted_list": Text(N_("a list")),
    "settings.wanted_one_of": Text(N_("one of {expected}")),
    "settings.wanted_at_least": Text(N_("at least {ge}")),
    "settings.wanted_more_than": Text(N_("more than {gt}")),
    "settings.wanted_at_most": Text(N_("at most {le}")),
    "settings.wanted_less_than": Text(N_("less than {lt}")),
    "settings.wanted_not_empty": Text(N_("text that is not empty")),
    "settings.wanted_shorter": Text(N_("at most {max_length} characters")),
    "settings.wanted_pattern": Text(N_("text that matches {pattern}")),
    "settings.wanted_an_item": Text(N_("at least one item")),
    "settings.found_nothing": Text(N_("empty")),
    "settings.found_mapping": Text(N_("a mapping")),
    "settings.found_list": Text(N_("a list")),
    "settings.found_empty_list": Text(N_("an empty list")),
}

_PROBLEMS = {
    "settings.empty": Text(
        N_("the file holds no settings"),
        N_("Write at least name: and base_url:; `ops-pipelines settings sample` shows all keys."),
    ),
    "settings.no_mapping": Text(
        N_("the file is {found}, wanted a mapping (key: value)"),
        N_("Write at least name: and base_url:; `ops-pipelines settings sample` shows all keys."),
    ),
    "settings.missing": Text(N_("{path} is missing"), N_("Add it; it has no default.")),
    "settings.wrong": Text(N_("{path} is {found}, wanted {wanted}")),
    "settings.unknown_key": Text(N_("the key {key} is not known here"), N_("Known keys: {known}.")),
    "settings.unknown_key_near": Text(
        N_("the key {key} is not known here"), N_("Did you mean {near}?")
    ),
    "settings.key_not_text": Text(
        N_("the key {key} is not text"),
        N_("Put it in quotes: YAML 1.1 reads on, off, yes, no and numbers as other values."),
    ),
    "settings.unset_variable": Text(
        N_("{path} uses ${{{name}}}, which is not set in the environment"),
        N_("Set it, or write a default: ${{{name}:-…}}."),
    ),
    "settings.jmespath": Text(
        N_("{path} is no JMESPath (it breaks at character {position}): {found}"),
        N_(
            "Keys with other characters than letters, digits and _ need quotes of their own, "
            "inside those of YAML: 'a.\"b-c\"'."
        ),
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
    "settings.not_local": Text(N_("{path} is {found}, wanted a local path")),
    "settings.no_path": Text(
        N_("{path} is {found}, which is no path on this machine"),
        N_("A relative path starts from the service file; ~name needs a user of that name."),
    ),
    "settings.body_without_post": Text(
        N_("{path} is sent only with method: POST, and the method is {method}")
    ),
    "settings.too_few_calls": Text(
        N_("{path} is {found}, and one probe makes {needed} calls"),
        N_("Allow at least so many, or 0 to probe without cost."),
    ),
    "settings.word_twice": Text(
        N_("the word {found} stands in {path} and in {other}"), N_("Keep it in one of them.")
    ),
    "settings.one_test": Text(
        N_("{path} needs exactly one of {tests}"),
        N_("Make several items of several tests: any of them is enough."),
    ),
    "settings.pattern": Text(N_("{path} is no regular expression ({detail}): {found}")),
    "settings.pattern_without_groups": Text(
        N_("{path} has no named group: {found}"),
        N_("Name what it finds: (?P<timestamp>…), (?P<level>…), (?P<message>…)."),
    ),
    "settings.time_format": Text(
        N_("{path} is no format of a time ({detail}): {found}"),
        N_("Write it as Python's strptime has it: %Y-%m-%d %H:%M:%S,%f."),
    ),
    "settings.preset": Text(N_("{path}: no preset is called {found}"), N_("Known: {known}.")),
    "settings.name_twice": Text(
        N_("{path}: an earlier check is called {found} as well"),
        N_("Give each check its own name."),
    ),
}

_SERVICES = {
    "settings.broken": Text(N_("{file}: {count} problem(s) keep this service from being used")),
    "settings.no_check_above": Text(
        N_("{path}: no check above it is called {found}"),
        N_("Name one that stands above this one, or move it up."),
    ),
    "settings.service_twice": Text(
        N_("the service {name} is described in {first} already"),
        N_("Give each service its own name."),
    ),
    "settings.no_services": Text(
        N_("no service is described; write one: services/NAME.yaml with name: and base_url:")
    ),
    "settings.several_services": Text(
        N_("several services are described ({names}); say which: --service NAME")
    ),
    "settings.no_such_service": Text(N_("no service is called {name}; there are: {names}")),
    "settings.maybe_broken": Text(
        N_(
            "no service is called {name}; it may be described in {files}, which cannot be used: "
            "`ops-pipelines settings check` says why"
        )
    ),
}

TEXTS = {**_WANTED, **_PROBLEMS, **_SERVICES}
