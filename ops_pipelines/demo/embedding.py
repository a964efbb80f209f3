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


async def embed(running: Running, texts: Sequence[str]) -> list[Vector]:
    """The vectors of `texts`, worked on in batches.

    Raises:
        RequestError: the model fails, or the process is asked to end meanwhile.
    """
    section = running.configuration.embeddings
    batches = -(-len(texts) // section.batch_size)
    pace = load(datetime.now().astimezone())
    await running.work((BATCH_SECONDS * batches + TEXT_SECONDS * len(texts)) * pace)
    if running.is_broken_by(Fault.FAILING_EMBEDDINGS):
        raise RequestError(500, "EmbeddingError", "the embedding model has run out of memory")
    return [vector(text, section.dimension) for text in texts]
