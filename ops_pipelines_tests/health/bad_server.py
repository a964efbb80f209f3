"""A real server on the loopback that misbehaves, in another way at each path.

A `BadServer` maps paths to answers: raw bytes, sent as they are, or a misbehaviour that talks to
the socket itself. It speaks no HTTP library's HTTP, so that nothing polishes what it says. Beside
it stand ports that misbehave before any HTTP is spoken.
"""

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent. The names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Misbehaviour = Callable[[socket.socket, Request], None]
Answer = bytes | Misbehaviour
TLS_HELLO = b"\x16"
HANG_SECONDS = 30.0
"""A server that hangs gives up after this long; no client in the tests waits until then."""


@dataclass
class BadServer:
    """Serves `answers` (by path) until it is closed, and remembers what it was asked."""

    answers: Mapping[str, Answer]
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}"

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):  # the client left, or the misbehaviour closed the connection
            connection.settimeout(HANG_SECONDS)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                request = _request(connection)
                self.requests.append(request)
                answer = self.answers.get(request.path.partition("?")[0], answered(404))
                if isinstance(answer, bytes):
                    connection.sendall(answer)
                else:
                    answer(connection, request)


def answered(
    status: int, body: bytes = b"", content_type: str = "application/json", **headers: str
) -> bytes:
    """A whole answer with a true Content-Length. `content_encoding="gzip"` makes such a header."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = {"Content-Type": content_type, "Content-Length": str(len(body)), **given}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} X\r\nConnection: close\r\n{head}\r\n".encode() + body


def said(value: Any, **headers: str) -> bytes:
    """200 with `value` as JSON."""
    return answered(200, json.dumps(value, ensure_ascii=False).encode(), **headers)


def text(body: str, content_type: str = "application/json") -> bytes:
    """200 with `body`, in UTF-8."""
    return answered(200, body.encode(), content_type)


def redirect(status: int, location: str) -> bytes:
    return answered(status, location=location)


def unframed(body: bytes) -> bytes:
    """200 with a body that ends when the connection does: a truncated one cannot be told."""
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body


def bomb() -> bytes:
    """64 MiB of a healthy answer in 64 KiB."""
    padding = b" " * (1 << 26)
    return answered(
        200, gzip.compress(b'{"status": "healthy"}' + padding, 6), content_encoding="gzip"
    )


# Misbehaviours: each talks to the socket until it has done its harm.


def reset(connection: socket.socket, _: Request) -> None:
    """Break the connection off before any answer."""
    _break_off(connection)


def reset_in_the_body(connection: socket.socket, _: Request) -> None:
    connection.sendall(_head(1000) + b'{"status": "healthy"}')
    time.sleep(0.2)  # for the beginning to arrive
    _break_off(connection)


def short_body(connection: socket.socket, _: Request) -> None:
    """Close in good order, but before the promised end of the body."""
    connection.sendall(_head(1000) + b'{"status": "healthy"}')


def closes(connection: socket.socket, _: Request) -> None:
    """Close in good order, without an answer."""


def hang(connection: socket.socket, _: Request) -> None:
    """Never answer."""
    _await_the_end(connection)


def hang_in_the_headers(connection: socket.socket, _: Request) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: appl")
    _await_the_end(connection)


def hang_in_the_body(connection: socket.socket, _: Request) -> None:
    connection.sendall(_head(1000) + b'{"status": "healthy"')
    _await_the_end(connection)


def hang_after_the_verdict(connection: socket.socket, _: Request) -> None:
    """Say all that there is to say, and then promise more."""
    connection.sendall(_head(1000) + b'{"status": "healthy"}')
    _await_the_end(connection)


def drip_headers(connection: socket.socket, _: Request) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    _drip(connection, b"X-Drip: 1\r\n")


def drip_the_body(connection: socket.socket, _: Request) -> None:
    connection.sendall(_head(1 << 20))
    _drip(connection, b" ")


def drip_informational(connection: socket.socket, _: Request) -> None:
    """Promise an answer again and again, and never give one."""
    _drip(connection, b"HTTP/1.1 102 Processing\r\n\r\n")


def endless_body(connection: socket.socket, _: Request) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def endless_headers(connection: socket.socket, _: Request) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"x" * 4000 + b"\r\n")


def fifty_megabytes(connection: socket.socket, _: Request) -> None:
    """A healthy answer, padded. Asked for its last byte it would be healthy."""
    size = 50 * 1000 * 1000
    connection.sendall(_head(size) + b'{"status": "healthy"}')
    for _block in range(size // 100_000):
        connection.sendall(b" " * 100_000)


def slowly(seconds: float, answer: bytes) -> Misbehaviour:
    """Think for `seconds`, then give `answer`."""

    def think(connection: socket.socket, _: Request) -> None:
        time.sleep(seconds)
        connection.sendall(answer)

    return think


# Ports that misbehave before anything is said.


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port that refuses connections and is nobody else's meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def full_port() -> Iterator[int]:
    """A port whose queue is full: a connection to it is neither accepted nor refused."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        first.connect(listener.getsockname())
        second.setblocking(False)
        second.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _request(connection: socket.socket) -> Request:
    read = b""
    while b"\r\n\r\n" not in read:
        read += _received(connection)
        if read.startswith(TLS_HELLO):
            return Request("", "", {}, b"")
    head, _, body = read.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += _received(connection)
    return Request(method, path, headers, body)


def _received(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionResetError
    return received


def _head(content_length: int) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {content_length}\r\n\r\n".encode()


def _break_off(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _await_the_end(connection: socket.socket) -> None:
    while connection.recv(1024):
        pass


def _drip(connection: socket.socket, drop: bytes) -> None:
    end = time.monotonic() + HANG_SECONDS
    while time.monotonic() < end:
        connection.sendall(drop)
        time.sleep(0.05)
