"""`ops-pipelines logs`: what the log says, and how it is read."""

import argparse

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.language import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    analyze = actions.add_parser("analyze", help=_("sum up files, or the service's log"))
    _add_window(analyze)
    analyze.add_argument(
        "files", nargs="*", metavar="FILE", help=_("files, folders, globs, - for standard input")
    )
    analyze.add_argument("--follow", action="store_true", help=_("go on with what is written"))
    detect = actions.add_parser("detect", help=_("propose how a file is read, with the evidence"))
    detect.add_argument("file", metavar="FILE")
    presets = actions.add_parser("presets", help=_("the named mappings, and what they need"))
    for action in (analyze, detect):
        action.add_argument("--timezone", metavar="ZONE", help=_("of days and of naive times"))
    for action in (analyze, detect, presets):
        output.add_json(action)


def _add_window(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hours", type=float, metavar="N", help=_("the last N hours (24)"))
    parser.add_argument("--since", metavar="T", help=_("from this ISO time or date on"))
    parser.add_argument("--until", metavar="T", help=_("up to this ISO time or date"))
    parser.add_argument(
        "--all", action="store_true", help=_("whatever the time; default for FILEs")
    )
    parser.add_argument("--preset", metavar="NAME", help=_("read lines by this named mapping"))
    parser.add_argument(
        "--map", nargs="+", action="extend", default=[], metavar="FIELD=PATH",
        help=_("where a field stands; FIELD=PATH:ms for one in milliseconds"),
    )  # fmt: skip


def run(session: Session, options: argparse.Namespace) -> int:
    """0; 1 when lines or files could not be read."""
    if options.action == "presets":
        from ops_pipelines.cli import log_presets  # noqa: PLC0415 - each action loads its own

        return log_presets.run(options)
    if options.action == "detect":
        from ops_pipelines.cli import log_detection  # noqa: PLC0415

        return log_detection.run(session, options)
    from ops_pipelines.cli import log_analysis  # noqa: PLC0415

    return log_analysis.run(session, options)
