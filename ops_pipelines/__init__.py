"""Looks after a self-hosted RAG/LLM HTTP service: sees its state, and says what to do."""

import sys

# Where rich is installed, httpx loads its own command line with it: two thirds of its time.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
