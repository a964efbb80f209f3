"""The demo's own light traffic: visitors with questions, and a program that uses its models."""

import asyncio
import random
from contextlib import suppress
from datetime import datetime

import httpx

from ops_pipelines.demo.rhythm import crowd

VISITORS = 3
PAUSE_SECONDS = 30
"""A visitor's mean pause between two questions when most come; otherwise it is longer."""
PROGRAM_PAUSES = 8
"""How many times longer the program pauses."""
PATIENCE_SECONDS = 45
OWN_QUESTIONS = 0.3
"""The share of questions that nobody else asks."""
QUESTIONS = (  # the earlier ones are asked more often
    "What is the refund period?",
    "退款期限是多少天？",
    "How long does standard delivery take?",
    "年假有多少天？",
    "How long is the warranty for tents?",
    "报销款什么时候支付？",
    "When is the service desk open?",
    "积分的有效期是多久？",
    "How much may a hotel room cost?",
    "密码至少需要多少个字符？",
    "What does express shipping cost?",
    "病假需要医院证明吗？",
    "On how many days may I work from home?",
    "如何升为金叶会员？",
    "When are expense claims paid?",
    "收到可疑邮件怎么办？",
    "Is opened food refunded?",
    "仓库的工作时间是什么？",
    "How long does a repair take?",
    "单笔 3000 元的报销由谁审批？",
    "Who decides on goodwill gestures?",
    "叉车的限速是多少？",
    "Which planet is the largest?",
    "明天会下雨吗？",
)
_HOW_OFTEN = [1 / (place + 2) for place in range(len(QUESTIONS))]


def choose(chance: random.Random) -> str:
    """One of the questions."""
    [question] = chance.choices(QUESTIONS, _HOW_OFTEN)
    return question


def worded(question: str, chance: random.Random) -> str:
    """`question` as a visitor puts it: some add a number of their own, which changes no answer."""
    if chance.random() < OWN_QUESTIONS:
        return f"{question} (No. {chance.randrange(10_000, 100_000)})"
    return question


def conversation(chance: random.Random) -> list[dict[str, str]]:
    """What the program has the language model answer."""
    context = "\n".join(chance.sample(QUESTIONS, 3))
    return [
        {"role": "system", "content": context},
        {"role": "user", "content": choose(chance)},
    ]


def texts(chance: random.Random) -> list[str]:
    """What the program has embedded."""
    return chance.sample(QUESTIONS, chance.randint(1, 8))


async def send(base_url: str, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Ask the service at `base_url` questions, until this is cancelled."""
    async with httpx.AsyncClient(
        base_url=base_url,
        trust_env=False,
        timeout=PATIENCE_SECONDS,
        headers={"User-Agent": "rag-demo-visitor"},
    ) as client:
        await asyncio.gather(
            *(_visit(client, pause_seconds) for _ in range(VISITORS)),
            _use_models(client, pause_seconds * PROGRAM_PAUSES),
        )


async def _visit(client: httpx.AsyncClient, pause_seconds: float) -> None:
    chance = random.Random()  # noqa: S311 - nothing depends on nobody guessing it
    while True:
        question = worded(choose(chance), chance)
        with suppress(httpx.HTTPError):  # the service logs its failures; a visitor comes back
            await client.post("/api/query", json={"question": question})
        await _pause(pause_seconds, chance)


async def _use_models(client: httpx.AsyncClient, pause_seconds: float) -> None:
    chance = random.Random()  # noqa: S311 - likewise
    while True:
        await _pause(pause_seconds, chance)
        with suppress(httpx.HTTPError):
            listed = await client.get("/v1/models")
            listed.raise_for_status()
            chat, embedding = (model["id"] for model in listed.json()["data"])
            body = {"model": chat, "messages": conversation(chance)}
            await client.post("/v1/chat/completions", json=body)
            await client.post("/v1/embeddings", json={"model": embedding, "input": texts(chance)})


async def _pause(seconds: float, chance: random.Random) -> None:
    await asyncio.sleep(chance.expovariate(crowd(datetime.now().astimezone()) / seconds))
