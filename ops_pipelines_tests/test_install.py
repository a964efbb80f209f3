"""What a fresh machine may lack is said in one sentence, with what to do."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

NO_VENV = """\
#!/bin/sh
case "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac
"""
TOO_OLD = """\
#!/bin/sh
exit 1
"""


def install(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / "install.sh", "requirements.lock"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (NO_VENV, "lacks the venv module; install it: apt install python3-venv"),
        (TOO_OLD, "Python 3.11 or later is needed and none was found"),
    ],
)
def test_a_python_that_will_not_do(tmp_path: Path, python: str, sentence: str) -> None:
    found = install(tmp_path, PYTHON=str(program(tmp_path, "odd-python", python)))
    assert found.returncode == 2
    assert sentence in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert not (tmp_path / ".venv").exists()


def test_a_disk_without_room(small_disk: Path) -> None:
    found = install(small_disk)
    assert found.returncode == 2
    assert "only 0 MiB are free here and 1024 MiB are needed" in found.stderr


def test_the_locks_pin_every_package_by_hash_and_name_no_index() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text()
        pins = [block for block in text.split("\n") if block and block[0].isalpha()]
        assert len(pins) > 50
        assert all("==" in pin and pin.endswith("\\") for pin in pins)
        assert "--index" not in text
        assert "https://" not in text


def test_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    makefile = (ROOT / "Makefile").read_text()
    targets = [
        line.split(":")[0] for line in makefile.splitlines() if ": " in line and "##" in line
    ]
    assert {"install", "run", "test", "check", "drills", "snapshots", "help"} <= set(targets)
    for target in targets:
        assert f"make {target}" in listed.stdout
