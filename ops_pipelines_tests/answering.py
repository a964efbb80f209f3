"""A real HTTP server whose answers a test sets, and the service files that point at it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.service import Service

WELL = {
    "/api/health": {"status": "healthy"},
    "/api/health/detailed": {"components": {"database": {"status": "healthy"}}},
    "/api/health/llm": {"status": "healthy"},
    "/api/health/embeddings": {"status": "healthy"},
}


@dataclass
class Answers:
    """What the server answers at each path: a JSON body, or a status with a body."""

    address: str
    bodies: dict[str, Any] = field(default_factory=lambda: dict(WELL))
    requests: list[str] = field(default_factory=list)


@contextmanager
def answering() -> Iterator[Answers]:
    """The running server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.requests.append(self.path)
            found = answers.bodies.get(self.path, (404, {}))
            status, body = found if isinstance(found, tuple) else (200, found)
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answers = Answers(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield answers
    finally:
        server.shutdown()
        server.server_close()


def write_service(folder: Path, base_url: str, name: str = "rag", **more: Any) -> Path:
    """A service file in `folder/services`."""
    file = folder / "services" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"name": name, "base_url": base_url, **more}))
    return file


def service_at(folder: Path, base_url: str, name: str = "rag", **more: Any) -> Service:
    """The service of such a file."""
    return load_file(write_service(folder, base_url, name, **more))
