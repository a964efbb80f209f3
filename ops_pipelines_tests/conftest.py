"""What all tests share."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops_pipelines import language, redaction

NOBODY = 65534


def need(what: str, is_there: object) -> None:
    """Skip the test, with the sentence `what`, on a machine that lacks something; fail it in CI."""
    if is_there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI lacks what this test needs: {what}")
    pytest.skip(what)


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Inside, permissions count, for root too."""
    ours = os.geteuid()
    if ours == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(ours)


def forget_secrets() -> None:
    """As a new process: no secret was learned yet."""
    redaction._secrets.clear()
    redaction._pattern.cache_clear()


@pytest.fixture(autouse=True)
def _as_a_new_process() -> Iterator[None]:
    """No test leaves its secrets or its language to the next one."""
    forget_secrets()
    with language.speaking("en"):
        yield
    forget_secrets()


@pytest.fixture
def public_path() -> Iterator[Path]:
    """A folder that every user can come to and write into; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    need("a disk of 64 KiB is a tmpfs, which only root may mount", mounted)
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)
