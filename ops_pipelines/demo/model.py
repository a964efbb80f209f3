"""The stand-in for a language model: it answers with the sentences that fit the question best.

It says only what stands in the messages that it is given, and it takes its time as a model does:
some for reading, some for each token that it says, more when the company is busy.
"""

import math
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from ops_pipelines.demo.faults import Fault
from ops_pipelines.demo.rhythm import load
from ops_pipelines.demo.running import Running
from ops_pipelines.demo.words import is_chinese, tokens, words

FIRST_TOKEN_SECONDS = 0.05
READING_SECONDS = 0.0004
"""For each token of the messages, before the first one of the answer."""
TOKEN_SECONDS = 0.005
SLOWNESS = 40
"""How many times longer everything takes when the model is slow."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n")
_ALSO_SAID = 0.7  # of what the best sentence covers: a second one that covers as much is said too


@dataclass(frozen=True, slots=True)
class Saying:
    """What the model has to say. `finish_reason` is `stop`, or `length` when it is cut off."""

    text: str
    finish_reason: str
    tokens_input: int
    tokens_output: int


@dataclass(frozen=True, slots=True)
class Completion(Saying):
    """What the model said, and after how long it began."""

    first_token_seconds: float


async def complete(
    running: Running, messages: Sequence[Mapping[str, str]], most_tokens: int
) -> Completion:
    """Answer the last message from what the earlier ones say, in at most `most_tokens` tokens.

    Raises:
        RequestError: the process is asked to end meanwhile.
    """
    pace = load(datetime.now().astimezone())
    if running.is_broken_by(Fault.SLOW_MODEL):
        pace *= SLOWNESS
    saying = say(messages, most_tokens)
    started = time.perf_counter()
    await running.work((FIRST_TOKEN_SECONDS + READING_SECONDS * saying.tokens_input) * pace)
    first_token_seconds = time.perf_counter() - started
    await running.work(TOKEN_SECONDS * pace * (saying.tokens_output - 1))
    return Completion(**asdict(saying), first_token_seconds=first_token_seconds)


def say(messages: Sequence[Mapping[str, str]], most_tokens: int) -> Saying:
    """What there is to say to the last message, from what the earlier ones say."""
    *context, question = [message["content"] for message in messages]
    text, is_whole = _cut(compose(question, context), most_tokens)
    tokens_input = sum(len(tokens(message["content"])) for message in messages)
    finish_reason = "stop" if is_whole else "length"
    return Saying(text, finish_reason, tokens_input, len(tokens(text)))


def compose(question: str, context: Iterable[str]) -> str:
    """The one or two sentences of `context` that fit `question`, or that there is none."""
    sentences = [s.strip() for text in context for s in _SENTENCE.split(text) if s.strip()]
    weights = _weights(question, sentences)
    covers = [_cover(sentence, weights) for sentence in sentences]
    best = max(covers, default=0.0)
    if best == 0:
        return "手册中没有相关说明。" if is_chinese(question) else "The handbook does not say."
    said = [s for s, cover in zip(sentences, covers, strict=True) if cover >= _ALSO_SAID * best]
    first = sentences[covers.index(best)]
    rest = [sentence for sentence in said if sentence != first][:1]
    return ("" if is_chinese(first) else " ").join([first, *rest])


def _weights(question: str, sentences: Sequence[str]) -> dict[str, float]:
    """How much each word of the question matters: the rarer among `sentences`, the more."""
    among = Counter(word for sentence in sentences for word in set(words(sentence)))
    known = [word for word in words(question) if among[word]]
    return {word: math.log(1 + len(sentences) / among[word]) for word in known}


def _cover(sentence: str, weights: Mapping[str, float]) -> float:
    """How much of the question's weight `sentence` covers."""
    return sum(weights.get(word, 0.0) for word in set(words(sentence)))


def _cut(text: str, most_tokens: int) -> tuple[str, bool]:
    """`text` up to so many tokens, and whether that is all of it."""
    end = 0
    for count, token in enumerate(tokens(text)):
        if count == most_tokens:
            return text[:end], False
        end = text.index(token, end) + len(token)
    return text, True
