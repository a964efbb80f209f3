"""Layer 6, the service's own validator: a command, run without a shell and within a time limit."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ops_pipelines.located_yaml import Located
from ops_pipelines.redaction import redact
from ops_pipelines.report import Problem
from ops_pipelines.settings.config import Validator

OUTPUT_BYTES = 4096
OUTPUT_LINES = 20


def validator_problems(
    validator: Validator, located: Located, environment: Mapping[str, str]
) -> Iterator[Problem]:
    """What the validator says of the file; nothing when it ends with 0.

    It runs in the folder of the file, with `environment`.
    """
    command = [part.replace("{file}", located.file) for part in validator.command]
    facts: dict[str, Any] = {"program": command[0]}
    with tempfile.TemporaryFile() as output:
        try:
            exit_code = _run(command, validator.timeout_seconds, located, environment, output)
        except OSError as error:
            detail = error.strerror or str(error)
            yield located.problem("config.validator_missing", (), detail=detail, **facts)
            return
        facts["output"] = _end_of(output)
    if exit_code is None:
        seconds = validator.timeout_seconds
        yield located.problem("config.validator_hangs", (), seconds=seconds, **facts)
    elif exit_code:
        yield located.problem("config.validator_refuses", (), exit_code=exit_code, **facts)


def _run(
    command: list[str],
    seconds: float,
    located: Located,
    environment: Mapping[str, str],
    output: IO[bytes],
) -> int | None:
    """Run the program; its exit code, or None when it took too long. Nothing of it is left."""
    process = subprocess.Popen(
        command,
        cwd=Path(located.file).resolve().parent,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end_of(output: IO[bytes]) -> str:
    """The last lines of what was said, masked."""
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - OUTPUT_BYTES))
    text = output.read().decode(errors="replace")
    return redact("\n".join(text.strip().splitlines()[-OUTPUT_LINES:]))
