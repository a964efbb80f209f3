"""Makes what is missing in a demo's home; what is there stays as it is."""

import os
import sqlite3
from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import token_hex

from ops_pipelines.demo import configuration, files, history, service_file
from ops_pipelines.demo.configuration import Configuration
from ops_pipelines.demo.failures import DemoError
from ops_pipelines.demo.home import Home
from ops_pipelines.demo.index import index
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
    """Fill the samples' folder with the probes of thirty days, unless it holds any already."""
    folder = home.samples_folder
    if not folder.exists() or not any(folder.iterdir()):
        zone = service_file.local_zone(os.environ)
        history.write(folder, now, zone, configuration.monitoring)


def description(home: Home, port: int) -> None:
    """Note the port, and have the service file name it."""
    service_file.put(home, port, service_file.local_zone(os.environ))
    files.put(home.port_file, f"{port}\n".encode())


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
