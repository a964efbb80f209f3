"""Lists of models, as OpenAI's API and Ollama give them, and the check that they lead to."""

from typing import Any

from ops_pipelines.health import body
from ops_pipelines.health.discovery.answer import Seen
from ops_pipelines.health.discovery.places import is_writable
from ops_pipelines.health.discovery.proposal import Proposal
from ops_pipelines.report import Reason

CALLS_PER_DAY = 12
"""Few: an operator who wants more knows what a call costs."""

# Parts of names that tell a model's work. A guess: the comment beside it says so.
_EMBEDS = (
    *("embed", "bge", "e5-", "gte-", "minilm", "m3e", "text2vec", "bce-", "arctic-embed", "stella"),
)
_DOES_OTHER = (
    *("rerank", "whisper", "tts", "diffusion", "flux", "dall-e", "moderation", "transcribe"),
    *("speech", "clip-", "guard"),
)


def listed(document: Any) -> list[str] | None:
    """The names of the models; None when `document` is no list of models."""
    for key, path in (("data", "data[].id"), ("models", "models[].name")):
        names = body.at(path, document)
        if not isinstance(names, list) or len(names) != len(document[key]):
            continue
        if all(isinstance(name, str) for name in names):
            return names
    return None


def propose(answer: Seen, names: list[str]) -> Proposal | Reason:
    """A check of the OpenAI-compatible API that lists `names`; of another list only a remark."""
    above, _, last = answer.url.partition("?")[0].rpartition("/")
    shown = [body.one_line(name, 60) for name in names[:8]]
    if not names:
        return Reason("discovery.no_models")
    if last != "models":
        return Reason("discovery.models_elsewhere", {"names": shown})
    check: dict[str, Any] = {"kind": "openai", "url": above or "/"}
    writable = [name for name in names if is_writable(name)]
    completing = [name for name in writable if not _has(name, _EMBEDS + _DOES_OTHER)]
    embedding = [name for name in writable if _has(name, _EMBEDS) and not _has(name, _DOES_OTHER)]
    check |= {"model": completing[0]} if completing else {}
    check |= {"embedding_model": embedding[0]} if embedding else {}
    facts = {"url": answer.url, "count": len(names), "names": shown}
    remarks = (Reason("discovery.models", facts), Reason("discovery.models_guessed"))
    return Proposal({**check, "calls_per_day": CALLS_PER_DAY}, remarks, answer)


def _has(name: str, parts: tuple[str, ...]) -> bool:
    return any(part in name.lower() for part in parts)
