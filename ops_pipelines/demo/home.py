"""Where everything of one demo lies: its application, its switches, and what looks after it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops_pipelines.demo.failures import DemoError
from ops_pipelines.language import _

SERVICE_NAME = "rag-demo"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one demo, and the places in it."""

    root: Path

    @property
    def application(self) -> Path:
        """What a RAG service has on its host: configuration, secrets, database and logs."""
        return self.root / "app"

    @property
    def configuration_file(self) -> Path:
        """The application's configuration."""
        return self.application / "config" / "production.yaml"

    @property
    def environment_file(self) -> Path:
        """The application's secrets."""
        return self.application / ".env"

    @property
    def service_file(self) -> Path:
        """The description by which ops_pipelines looks after the demo."""
        return self.root / "services" / f"{SERVICE_NAME}.yaml"

    @property
    def samples_folder(self) -> Path:
        """Where the service file has the probes' samples."""
        return self.root / "state" / SERVICE_NAME / "samples"

    @property
    def faults_file(self) -> Path:
        """The switches that break the demo."""
        return self.root / "faults.json"

    @property
    def port_file(self) -> Path:
        """The port that the demo got when it last started."""
        return self.root / "port"


@contextmanager
def occupied(home: Home) -> Iterator[None]:
    """Keep other demos out of `home` inside the block, or until this process ends.

    Raises:
        DemoError: a demo is there already.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = _("the demo in {home} is running already; stop it, or choose another --home")
            raise DemoError(text.format(home=home.root)) from None
        yield
