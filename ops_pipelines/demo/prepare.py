"""Makes what is missing in a demo's home; what is there stays as it is."""

import os
import sqlite3
from contextlib import suppress
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

from ops_pipelines.demo import configuration, files, history, log_history, service_file
from ops_pipelines.demo.configuration import Configuration, Monitoring
from ops_pipelines.demo.failures import DemoError
from ops_pipelines.demo.home import Home
from ops_pipelines.demo.index import index
from ops_pipelines.demo.past import recall
from ops_pipelines.demo.vectors import vector
from ops_pipelines.language import _

DOCUMENTS = Path(__file__).parent / "documents"
_TEMPLATE = Path(__file__).parent / "templates" / "production.yaml"


def application(home: Home) -> Configuration:
    """Make the application's folder: configuration, secrets, log folder and filled database.

    Raises:
        DemoError: the configuration or the database that is there cannot be used.
    """
    files.put_if_missing(home.configuration_file, _TEMPLATE.read_bytes())
    files.put_if_missing(home.environment_file, _secrets().encode(), mode=0o600)
    found = configuration.read(home)
    (home.application / found.logging.file).parent.mkdir(parents=True, exist_ok=True)
    _fill(home.application / found.database.path, found)
    return found


def past(home: Home, configuration: Configuration, now: datetime) -> None:
    """Fill the folders of the probes' samples and of the log with a past, where they are empty."""
    zone = service_file.local_zone(os.environ)
    samples, log = home.samples_folder, home.application / configuration.logging.file
    arguments = (samples, now, zone, configuration.monitoring)
    beside = get_context("fork").Process(target=_try_probes, args=arguments, daemon=True)
    if _is_empty(samples):
        beside.start()  # each takes seconds
    if _is_empty(log.parent):
        database = home.application / configuration.database.path
        log_history.write(log, recall(now, zone, configuration, database))
    if beside.pid:
        beside.join()
    if _is_empty(samples):
        history.write(*arguments)  # fails as it did beside, where its error can be told


def description(home: Home, port: int) -> None:
    """Note the port, and have the service file name it."""
    service_file.put(home, port, service_file.local_zone(os.environ))
    files.put(home.port_file, f"{port}\n".encode())


def _try_probes(folder: Path, now: datetime, zone: ZoneInfo, limits: Monitoring) -> None:
    with suppress(OSError):
        history.write(folder, now, zone, limits)


def _is_empty(folder: Path) -> bool:
    return not folder.exists() or not any(folder.iterdir())


def _fill(database: Path, configuration: Configuration) -> None:
    section = configuration.embeddings
    embed = partial(vector, dimension=section.dimension)
    chunk_size = configuration.document_processing.chunk_size
    try:
        index(database, DOCUMENTS, embed, chunk_size, f"{section.model} {section.dimension}")
    except sqlite3.Error as error:
        text = _("{file} cannot be used: {detail}").format(file=database, detail=error)
        raise DemoError(text) from None


def _secrets() -> str:
    return f"""\
# Secrets of the demo, invented when its folder was made. config/production.yaml names them.
RAG_ENVIRONMENT=production
RAG_LLM_API_KEY=sk-demo-{token_hex(20)}
RAG_EMBEDDINGS_API_KEY=sk-demo-{token_hex(20)}
RAG_ADMIN_PASSWORD={token_hex(12)}
RAG_SESSION_SECRET={token_hex(32)}
"""
