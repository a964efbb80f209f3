"""The stand-in for an embedding model, and the time that it takes."""

from collections.abc import Sequence
from datetime import datetime

from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.faults import Fault
from ops_pipelines.demo.rhythm import load
from ops_pipelines.demo.running import Running
from ops_pipelines.demo.vectors import Vector, vector

BATCH_SECONDS = 0.012
TEXT_SECONDS = 0.001
OUT_OF_MEMORY = "the embedding model has run out of memory"


async def embed(running: Running, texts: Sequence[str]) -> list[Vector]:
    """The vectors of `texts`, worked on in batches.

    Raises:
        RequestError: the model fails, or the process is asked to end meanwhile.
    """
    section = running.configuration.embeddings
    pace = load(datetime.now().astimezone())
    await running.work(seconds(len(texts), section.batch_size) * pace)
    if running.is_broken_by(Fault.FAILING_EMBEDDINGS):
        raise RequestError(500, "EmbeddingError", OUT_OF_MEMORY)
    return [vector(text, section.dimension) for text in texts]


def seconds(texts: int, batch_size: int) -> float:
    """How long so many texts take when nobody else is there."""
    return BATCH_SECONDS * -(-texts // batch_size) + TEXT_SECONDS * texts
