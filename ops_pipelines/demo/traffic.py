"""The demo's own light traffic: a few visitors who ask it questions over HTTP, day and night."""

import asyncio
import random
from contextlib import suppress
from datetime import datetime

import httpx

from ops_pipelines.demo.rhythm import load

VISITORS = 3
PAUSE_SECONDS = 12
"""A visitor's mean pause between two questions at night; it is shorter when it is busy."""
PATIENCE_SECONDS = 45
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


async def send(base_url: str, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Ask the service at `base_url` questions, until this is cancelled."""
    async with httpx.AsyncClient(
        base_url=base_url,
        trust_env=False,
        timeout=PATIENCE_SECONDS,
        headers={"User-Agent": "rag-demo-visitor"},
    ) as client:
        await asyncio.gather(*(_visit(client, pause_seconds) for _ in range(VISITORS)))


async def _visit(client: httpx.AsyncClient, pause_seconds: float) -> None:
    chance = random.Random()  # noqa: S311 - nothing depends on nobody guessing it
    while True:
        [question] = chance.choices(QUESTIONS, _HOW_OFTEN)
        with suppress(httpx.HTTPError):  # the service logs its failures; a visitor comes back
            await client.post("/api/query", json={"question": question})
        busy = load(datetime.now().astimezone())
        await asyncio.sleep(chance.expovariate(busy / pause_seconds))
