"""`ops-pipelines settings new`: a service file proposed from what a URL answers."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ops_pipelines.cli import output, proposal_text
from ops_pipelines.cli.proposal_text import Found
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.health import network
from ops_pipelines.health.discovery import address
from ops_pipelines.health.discovery.answer import Seen
from ops_pipelines.health.discovery.look import NO_SUCH_PATH, USUAL_PATHS, look
from ops_pipelines.health.discovery.propose import propose
from ops_pipelines.health.discovery.trial import tried
from ops_pipelines.language import _
from ops_pipelines.report import Reason
from ops_pipelines.settings import proposed
from ops_pipelines.settings.environment import REFERENCE
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.proposed import ProposedCheck
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.folder import LocalFolder

_SECRET = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)
_NOTHING = Seen("", missing=Reason("health.no_reason"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the options say."""

    origin: str
    path: str
    name: str
    headers: Mapping[str, str]


def run(session: Session, options: argparse.Namespace) -> int:
    """0 when a file was proposed."""
    if options.output and options.output.exists():
        raise InputError("discovery.file_exists", file=str(options.output))
    asked = _asked(options, session.environment)
    output.tell(_("looking at {url} …").format(url=options.url))
    with TemporaryDirectory() as folder:
        file = Path(folder, f"{asked.name}.yaml")
        found = _look(asked, session, file)
        service = _load(proposal_text.text(found), file, session)
        readings = network.run(tried(service, session.now())).readings
        found = replace(found, readings=readings)
        text = proposal_text.text(found)
        _load(text, file, session)
    _hand_over(text, found, options)
    return 0


def _asked(options: argparse.Namespace, environment: Mapping[str, str]) -> _Asked:
    try:
        origin, path = address.split(options.url)
        name = options.name or address.name(options.url)
    except ValueError:
        origin = name = path = ""
    if not re.match(r"https?://.", origin) or not name:
        raise InputError("settings.http_url", path="--url", found=options.url)
    if "@" in origin:
        raise InputError("discovery.password_in_url")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?", name):
        raise InputError("discovery.bad_name", name=name)
    return _Asked(origin, path, name, dict(_header(text, environment) for text in options.header))


def _header(text: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """A header's name, and its value with the references in it."""
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise InputError("discovery.bad_header", header=name)
    references = list(REFERENCE.finditer(value))
    if _SECRET.search(name) and not references:
        raise InputError("discovery.literal_secret", name=name)
    for variable, default in (reference.groups() for reference in references):
        if default is None and variable not in environment:
            raise InputError("discovery.unset_variable", header=name, name=variable)
    return name, value


def _look(asked: _Asked, session: Session, file: Path) -> Found:
    """Where the service begins, what it answers, and what that leads to."""
    first = ProposedCheck({"name": "look", "url": "/"}, asked.headers)
    service = _load(proposed.text(asked.name, asked.origin, [first]), file, session)
    base_url, urls = asked.origin, list(USUAL_PATHS)
    if asked.path:
        base_url = _base(asked, service, session)
        own = (asked.origin + asked.path).removeprefix(base_url)
        urls = [*([own] if own else []), *urls]
    there = service.model_copy(update={"base_url": base_url})
    anything, *answers = network.run(look(there, [NO_SUCH_PATH, *dict.fromkeys(urls)]))
    if all(answer.missing for answer in answers):
        reason = (answers[0].missing or Reason("health.no_reason")).stored()
        raise InputError("discovery.no_answer", url=base_url, reason=reason)
    plan = propose(answers, anything, base_url, session.now())
    return Found(asked.name, base_url, asked.headers, answers, plan)


def _base(asked: _Asked, service: Service, session: Session) -> str:
    """Where the service begins: above the given address, when that one speaks of health itself."""
    answers = network.run(look(service, [asked.path]))
    plan = propose(answers, _NOTHING, asked.origin, session.now())
    is_health = any(proposal.check.get("kind") != "tcp" for proposal in plan.proposals)
    return address.base(asked.origin, asked.path, USUAL_PATHS, is_health=is_health)


def _load(text: str, file: Path, session: Session) -> Service:
    """The service that the text describes, read as any service file is."""
    file.write_text(text, encoding="utf-8")
    return load_file(file, session.environment)


def _hand_over(text: str, found: Found, options: argparse.Namespace) -> None:
    path = options.output or Path("services", f"{found.name}.yaml")
    if options.output:
        LocalFolder(path.absolute().parent).write(path.name, text.encode())
    if options.json:
        output.emit({**output.generated(str(path), text), **proposal_text.data(found)})
    elif options.output:
        output.say(
            _("{file} is written. Read it, then: {command}").format(
                file=path, command=f"ops-pipelines --services {path} health check"
            )
        )
    else:
        print(text, end="")
