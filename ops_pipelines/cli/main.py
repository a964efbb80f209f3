"""Finds the command, runs it, and turns what goes wrong into a sentence and an exit code."""

import argparse
import gettext
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from itertools import takewhile

from ops_pipelines import language, redaction
from ops_pipelines.errors import OpsError
from ops_pipelines.language import LANGUAGES, N_, _

OK, PROBLEM_FOUND, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {
    "up": N_("start Dagster (and the demo service with --demo) and stay until Ctrl-C"),
    "sample": N_("make one round of what is due, or for ever: what the sensors do"),
    "settings": N_("check service files, print their schema or a commented sample"),
    "health": N_("probe the service now"),
    "config": N_("validate, back up and restore the service's configuration"),
    "logs": N_("sum up the log, propose how it is read, print or judge a logrotate file"),
    "history": N_("list the stored versions of an output"),
    "show": N_("print a stored output"),
}


def run() -> None:
    """The entry point of the installed command."""
    sys.exit(main(sys.argv[1:], os.environ))


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command that `arguments` name; its exit code."""
    _speak(_asked_language(arguments), environment)
    options = _parser().parse_args(arguments)
    redaction.guard_logs()
    command = importlib.import_module(f"ops_pipelines.cli.{options.command}")
    parser = argparse.ArgumentParser(
        f"ops-pipelines {options.command}", description=_(COMMANDS[options.command])
    )
    command.add_arguments(parser)
    from ops_pipelines.cli.session import Session  # noqa: PLC0415 - --help needs no settings

    session = Session(options.services, options.service, options.language, environment)
    try:
        code: int = command.run(session, parser.parse_args(options.arguments))
        sys.stdout.flush()
    except OpsError as error:
        if options.debug:
            raise
        print(f"ops-pipelines: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {_(text)}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        "ops-pipelines",
        description=_("Looks after a RAG/LLM HTTP service."),
        epilog=_("commands:")
        + f"\n{commands}\n\n"
        + _("`ops-pipelines COMMAND --help` says more."),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--services", metavar="PATH", help=_("a service file or a folder of them (./services)")
    )
    parser.add_argument("--service", metavar="NAME", help=_("which one, where there are several"))
    parser.add_argument("--language", choices=LANGUAGES, help=_("the language of all texts"))
    parser.add_argument("--debug", action="store_true", help=_("show tracebacks"))
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help=_("see below"))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _asked_language(arguments: Sequence[str]) -> str | None:
    """What `--language` asks for, before anything is parsed: help is translated as well."""
    before = list(takewhile(lambda argument: argument not in COMMANDS, arguments))
    for index, argument in enumerate(before):
        if argument == "--language":
            return next(iter(before[index + 1 :]), None)
        if argument.startswith("--language="):
            return argument.partition("=")[2]
    return None


def _speak(asked: str | None, environment: Mapping[str, str]) -> None:
    """Speak the language that was asked for; argparse's own texts come from our catalog."""
    chosen = asked if asked in LANGUAGES else language.from_environment(environment)
    language.use(chosen)
    os.environ["LANGUAGE"] = chosen
    gettext.bindtextdomain(language.DOMAIN, str(language.LOCALE_DIR))
    gettext.textdomain(language.DOMAIN)
