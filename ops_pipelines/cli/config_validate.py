"""`ops-pipelines config validate`: every problem of a configuration file."""

import argparse
from collections import Counter
from pathlib import Path

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.config.validate import validate
from ops_pipelines.config.verdict import Verdict
from ops_pipelines.errors import InputError
from ops_pipelines.language import _
from ops_pipelines.report import Severity
from ops_pipelines.settings.config import Config

OK, PROBLEM_FOUND = 0, 1


def add_arguments(parser: argparse.ArgumentParser, _action: str) -> None:
    """The options of this action."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help=_("default: the service's own")
    )
    parser.add_argument("--strict", action="store_true", help=_("warnings count as problems"))


def run(session: Session, options: argparse.Namespace) -> int:
    """0 when it is valid, 1 when it is not."""
    settings = _settings(session, options.file)
    verdict = validate(options.file or _own_file(settings), settings, session.environment)
    is_valid = verdict.valid and not (options.strict and verdict.severity is Severity.WARNING)
    if options.json:
        output.emit({**verdict.rendered(), "valid": is_valid})
    else:
        _print(verdict, is_valid=is_valid)
    return OK if is_valid else PROBLEM_FOUND


def _settings(session: Session, file: Path | None) -> Config | None:
    """The `config` section of the service that is meant; a FILE needs none."""
    is_named = session.services_option or session.service_name
    if file and not (is_named or session.environment.get("OPS_SERVICES")):
        return None
    return session.service().config


def _own_file(settings: Config | None) -> Path:
    if settings is None or settings.validated_file is None:
        raise InputError("config.no_file")
    return Path(settings.validated_file)


def _print(verdict: Verdict, *, is_valid: bool) -> None:
    output.problems(verdict.problems)
    counts = Counter(problem.severity for problem in verdict.problems)
    words = [f"{_(str(severity))}: {counts[severity]}" for severity in reversed(Severity)]
    state = _("valid") if is_valid else _("invalid")
    output.say(f"{verdict.file}: {state} ({_(', ').join(words)})")
