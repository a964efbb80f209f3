"""Texts about a service's configuration: what is wrong in it, and what to do."""

from ops_pipelines.language import N_
from ops_pipelines.messages.config_sense import SENSE
from ops_pipelines.messages.text import Text

_WORDS = {
    "config.found_text": Text(N_("text")),
    "config.whole_file": Text(N_("the file")),
    "config.wanted_text": Text(N_("text")),
    "config.wanted_section": Text(N_("a mapping (key: value)")),
    "config.wanted_level": Text(N_("a log level such as INFO")),
    "config.wanted_duration": Text(N_("a duration: a number, or text such as 30s")),
    "config.wanted_size": Text(N_("a number, or a size such as 100MB")),
    "config.wanted_flag": Text(N_("true or false")),
    "config.wanted_whole": Text(N_("a whole number of at least {low}")),
    "config.wanted_port": Text(N_("a port from {low} to {high}")),
    "config.wanted_number": Text(N_("a number from {low} to {high}")),
}

_TEXT = {
    "config.empty": Text(
        N_("the file holds no configuration"), N_("Look whether it is the right file.")
    ),
    "config.no_mapping": Text(
        N_("the file is no mapping (key: value) at its top"), N_("Write keys with values.")
    ),
    "config.other_encoding": Text(
        N_("the file is {encoding}, and configurations are read as UTF-8"),
        N_("Convert it: iconv -f {encoding} -t UTF-8 FILE > NEW."),
    ),
    "config.full_width_colon": Text(
        N_("a full-width colon stands between key and value"),
        N_("Write an ordinary colon and a space: key: value."),
    ),
    "config.colon_without_space": Text(
        N_("no space follows the colon: key and value are read as one word"),
        N_("Write key: value, with a space."),
    ),
    "config.template": Text(
        N_("the file is a template: “{{{{ … }}}}” has to be filled in first"),
        N_("Validate what it gives once it is filled in; if it is no template, quote the value."),
    ),
    "config.unreadable_value": Text(
        N_("the value of {path} cannot be read"), N_("Put it in quotes if it is text.")
    ),
    "config.read_as_flag": Text(
        N_("{path} is read as {read}: YAML 1.1 takes yes, no, on and off for true and false"),
        N_("Put it in quotes."),
    ),
    "config.read_as_date": Text(
        N_("{path} is read as a date, and not as text"), N_("Put it in quotes.")
    ),
    "config.read_as_base_60": Text(
        N_("{path} is read as {read}: YAML 1.1 takes digits with colons for a number to base 60"),
        N_("Put it in quotes."),
    ),
    "config.read_as_octal": Text(
        N_("{path} is read as {read}: a leading 0 makes an octal number in YAML 1.1"),
        N_("Remove the 0, or put it in quotes if it is text."),
    ),
    "config.version_as_number": Text(
        N_("{path} is read as the number {read}: the last 0 is lost"), N_("Put it in quotes.")
    ),
    "config.number_read_as_text": Text(
        N_("{path} looks like a number and is read as text: so does YAML 1.1 with 1e3 and 08"),
        N_("Write it as 1.0e+3, or without the leading 0."),
    ),
    "config.number_as_text": Text(
        N_("{path} is a number in quotes: text"),
        N_("Remove the quotes, unless its reader converts."),
    ),
    "config.flag_as_text": Text(
        N_("{path} is text; many readers take any text for true, “false” too"),
        N_("Write true or false without quotes."),
    ),
    "config.curly_quotes": Text(
        N_("{path} stands in typographic quotes, which become part of its text"),
        N_("Write ordinary quotes."),
    ),
    "config.key_not_text": Text(
        N_("a key is not read as text: YAML 1.1 takes on, off, yes, no and null for other values"),
        N_("Put the key in quotes."),
    ),
    "config.invisible": Text(
        N_("the key {path} holds an invisible character or an unusual space"),
        N_("Delete the key and type it anew."),
    ),
}

_ENVIRONMENT = {
    "config.unset_variable": Text(
        N_("{path} uses {name}, which neither .env nor the environment sets"),
        N_("Set it in .env, or write a default: ${{{name}:-…}}, where the service knows defaults."),
    ),
    "config.unknown_variable": Text(
        N_("{path} uses {name}, which is not set here, and there is no .env file beside"),
        N_("Make sure that the service itself is given {name}."),
    ),
    "config.unset_in_comment": Text(
        N_("a comment uses {name}, which is not set"),
        N_("A service that replaces variables before it reads YAML would fail; break the ${{ }}."),
    ),
    "config.env_unreadable": Text(
        N_("the .env file cannot be read: {detail}"), N_("Check its path, owner and mode.")
    ),
    "config.env_syntax": Text(
        N_("this is no line of a .env file: its variable is lost"),
        N_("Write NAME=value; check the name and that every quote is closed."),
    ),
    "config.env_no_value": Text(
        N_("{name} has no = and so no value"), N_("Write {name}=value, or remove the line.")
    ),
    "config.env_twice": Text(
        N_("{name} is set twice; line {first} is overridden here"), N_("Keep one of them.")
    ),
    "config.env_spaces": Text(
        N_("spaces stand around the = of {name}: shells and Docker refuse that"),
        N_("Write {name}=value without spaces."),
    ),
    "config.env_unused": Text(N_("{name} is set, and the configuration does not use it")),
    "config.variable_wrong": Text(
        N_("{path} takes {found} from {name}, wanted {wanted}"),
        N_("Correct {name}, or the default behind it."),
    ),
}

_STRUCTURE = {
    "config.no_file": Text(
        N_(
            "no configuration is named: give FILE, or write config: {{validate: …}} in the service "
            "file"
        )
    ),
    "config.unknown_key": Text(N_("the key {key} looks misspelled"), N_("Did you mean {near}?")),
    "config.no_known_key": Text(
        N_("the key {key} is none that such configurations share"),
        N_("Check its spelling; set unknown_keys: warning if it is the service's own."),
    ),
    "config.legacy_key": Text(
        N_("the key {key} is of an earlier version; now it is {now}"),
        N_("Rename it, if your version is newer: {source}."),
    ),
    "config.wrong_value": Text(N_("{path} is {found}, wanted {wanted}")),
    "config.out_of_range": Text(N_("{path} is {found}, wanted {wanted}")),
    "config.missing_key": Text(
        N_("{path} lacks the key {key}, which {project} needs"), N_("Add {key}.")
    ),
    "config.wrong_shape": Text(N_("{path} is {found}, and {project} wants another shape here")),
    "config.secret_in_clear": Text(
        N_("{path} holds a secret in the clear"),
        N_(
            "Put it in .env (mode 600), write ${{NAME}} here, and change the secret if it was seen."
        ),
    ),
    "config.placeholder": Text(
        N_("{path} still holds an example instead of your own secret"), N_("Put your own there.")
    ),
}

_OWN = {
    "config.own_rule": Text("{rule}: {says}", "{advice}"),
    "config.rules_no_list": Text(
        N_("the rule file is no list of rules"),
        N_("Write rows: - {{code: …, when: …, at: …, message: …}}."),
    ),
    "config.rule_lacks": Text(
        N_("the rule has no {key}"), N_("A rule needs code, when, at and message.")
    ),
    "config.rule_broken": Text(N_("the rule {rule} cannot be read: {detail}")),
    "config.schema_broken": Text(
        N_("this is no JSON Schema: {path} breaks the rule “{keyword}”"), N_("Correct the schema.")
    ),
    "config.schema_reference": Text(
        N_("the schema refers to {reference}, which is not in its file"),
        N_("Put it into $defs of the same file: nothing is fetched."),
    ),
    "config.schema_missing": Text(
        N_("{path} lacks the key {key}, which your schema requires"), N_("Add {key}.")
    ),
    "config.schema_additional": Text(
        N_("your schema does not allow the key {key}"), N_("Check its spelling, or the schema.")
    ),
    "config.schema_value": Text(
        N_("{path} is {found}, and your schema wants: {keyword} {wanted}"),
        N_("Correct the value, or the schema."),
    ),
    "config.validator_missing": Text(
        N_("the service's own validator {program} cannot be run: {detail}"),
        N_("Check config.validator.command in the service file."),
    ),
    "config.validator_hangs": Text(
        N_(
            "the service's own validator {program} was ended after {seconds:g} s; it said: {output}"
        ),
        N_("Run it by hand, or raise timeout_seconds."),
    ),
    "config.validator_refuses": Text(
        N_("the service's own validator {program} ended with {exit_code}; it said: {output}")
    ),
}

TEXTS = {**_WORDS, **_TEXT, **_ENVIRONMENT, **_STRUCTURE, **_OWN, **SENSE}
