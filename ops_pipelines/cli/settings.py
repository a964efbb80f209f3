"""`ops-pipelines settings`: check service files, print schema or sample, propose a new one."""

import argparse
import json
from pathlib import Path

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.language import _
from ops_pipelines.settings import sample, schema
from ops_pipelines.settings.load import Loaded

OK, COULD_NOT_RUN = 0, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help=_("every problem of every service file, in one go"))
    schema = actions.add_parser("schema", help=_("the JSON Schema of a service file, for editors"))
    commented = actions.add_parser("sample", help=_("a commented service file to start from"))
    new = actions.add_parser("new", help=_("a service file proposed from what a URL answers"))
    _add_new_arguments(new)
    for action in (check, schema, commented, new):
        output.add_json(action)


def _add_new_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help=_("where the service, or its health, answers"))
    parser.add_argument("--name", help=_("its name; made of the host without"))
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: ${VAR}'",
        help=_("a request header; the file keeps the reference (may be repeated)"),
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help=_("write it there, not here"))


def run(session: Session, options: argparse.Namespace) -> int:
    """0 when all files are well, 2 when one cannot be used."""
    if options.action == "schema":
        print(json.dumps(schema.schema(), ensure_ascii=False, indent=2))
        return OK
    if options.action == "new":
        from ops_pipelines.cli import settings_new  # noqa: PLC0415 - it alone needs the network

        return settings_new.run(session, options)
    if options.action == "sample":
        _print_sample(as_json=options.json)
        return OK
    loaded = session.loaded()
    if options.json:
        problems = [p.rendered() for error in loaded.broken for p in error.problems]
        output.emit({"services": [s.name for s in loaded.services], "problems": problems})
    else:
        _print(loaded)
    return COULD_NOT_RUN if loaded.broken else OK


def _print(loaded: Loaded) -> None:
    for error in loaded.broken:
        output.say(str(error))
    for service in loaded.services:
        text = _("{name}: well described, {count} check(s), {url}")
        output.say(
            text.format(name=service.name, count=len(service.health.checks), url=service.base_url)
        )
    if not (loaded.broken or loaded.services):
        output.say(_("No service file here. `ops-pipelines settings sample` prints one."))


def _print_sample(*, as_json: bool) -> None:
    text = sample.sample()
    if as_json:
        output.emit(output.generated("services/rag-system.yaml", text))
    else:
        print(text, end="")
