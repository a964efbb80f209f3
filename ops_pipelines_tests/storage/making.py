"""Reports to store, and what a stranger finds when they look at what was stored."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from ops_pipelines.report import Report
from ops_pipelines.window import Window

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = "2026-07-01"
NEXT_DAY = "2026-07-02"


def report(facts: dict[str, Any], made_at: datetime = NOON) -> Report:
    window = Window(NOON, NOON + timedelta(days=1))
    return Report("rag-system", "health_report", window, True, made_at, facts)


def true_hash(document: dict[str, Any]) -> str:
    """The data version that `document` must bear, as the contract describes it."""
    said = {key: document[key] for key in ("window", "complete", "facts", "findings")}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
