"""Golden files: what we generate, kept in the tree, so that a change of it is a reviewed diff.

A test that uses `golden` carries `@pytest.mark.snapshot`. Only `make snapshots` rewrites the files
(`OPS_SNAPSHOTS=renew pytest -m snapshot`); every other run compares.
"""

import difflib
import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def golden(path: Path, text: str) -> None:
    """Fail unless the file at `path` is `text`, byte for byte; write it where renewal is asked."""
    content = text.encode()
    if os.environ.get("OPS_SNAPSHOTS") == "renew":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return
    kept = path.read_bytes() if path.exists() else b""
    if kept != content:
        before = kept.decode(errors="replace")
        lines = difflib.unified_diff(
            before.splitlines(), text.splitlines(), "kept", "made", lineterm=""
        )
        raise AssertionError(f"{path}: `make snapshots` renews it\n" + "\n".join(lines))
