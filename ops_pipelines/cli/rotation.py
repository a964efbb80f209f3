"""`ops-pipelines logs rotation`: the logrotate file of a service, or a judgement on one."""

import argparse
from pathlib import Path
from typing import Any

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.config.backup import configuration_of
from ops_pipelines.config.rotation import log_files_of
from ops_pipelines.config.rotation_check import check
from ops_pipelines.config.rotation_report import rotation_file
from ops_pipelines.language import _
from ops_pipelines.report import Problem, Severity

OK, PROBLEM_FOUND = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this action."""
    parser.add_argument("--check", type=Path, metavar="FILE", help=_("judge this logrotate file"))


def run(session: Session, options: argparse.Namespace) -> int:
    """0; 1 when a problem of the judged file is a warning or worse."""
    return _check(session, options) if options.check else _print(session, options)


def _print(session: Session, options: argparse.Namespace) -> int:
    service = session.service()
    made = rotation_file(service, log_files_of(service), session.environment)
    if options.json:
        problems = [problem.rendered() for problem in made.problems]
        output.emit({**output.generated(made.path, made.content), "problems": problems})
        return OK
    print(made.content, end="")
    for problem in made.problems:
        output.tell(_sentence(problem))
    return OK


def _check(session: Session, options: argparse.Namespace) -> int:
    problems = check(options.check, _configuration(session))
    is_well = all(problem.severity is Severity.INFO for problem in problems)
    if options.json:
        rendered = [problem.rendered() for problem in problems]
        output.emit({"valid": is_well, "file": str(options.check), "problems": rendered})
    else:
        for problem in problems:
            output.say(_sentence(problem))
        if is_well:
            output.say(_("{file}: no fault found").format(file=options.check))
    return OK if is_well else PROBLEM_FOUND


def _configuration(session: Session) -> dict[str, Any]:
    """That of the service that is meant; a FILE needs none."""
    is_named = session.services_option or session.service_name
    if not (is_named or session.environment.get("OPS_SERVICES")):
        return {}
    return configuration_of(session.service().config, session.environment)


def _sentence(problem: Problem) -> str:
    return f"{_(str(problem.severity))}  {problem}"
