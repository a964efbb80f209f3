"""An OpenAI-compatible API layer by layer: each has its own verdict, and the paid ones a budget."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ops_pipelines.health.reading import Reading
from ops_pipelines_tests.health.bad_server import (
    Answer,
    BadServer,
    answered,
    drip_the_body,
    hang,
    refusing_port,
    reset,
    said,
    text,
)
from ops_pipelines_tests.health.models import (
    COMPLETIONS,
    EMBEDDINGS,
    MODELS,
    REFUSAL,
    completed,
    embedded,
    failed,
    listed,
    paid_calls,
    refusing,
    serving,
)
from ops_pipelines_tests.health.rounds import NOW, Words, made, service_with, words_of

MINUTE = timedelta(minutes=1)
BOTH = "model: qwen3, embedding_model: bge-m3, dimension: 4"
NOT_ASKED = "unknown: not asked while m/models is in trouble"


def readings(
    folder: Path,
    server: BadServer,
    check: str = BOTH,
    minutes: float = 0,
    more: str = "timeout_seconds: 10",
) -> tuple[Reading, ...]:
    """One round, so many minutes later; all rounds in one folder share their memory."""
    service = service_with(folder, server.url, [f"name: m, kind: openai, {check}"], more)
    return made(service, NOW + minutes * MINUTE).readings


def said_by(
    folder: Path,
    server: BadServer,
    check: str = BOTH,
    minutes: float = 0,
    more: str = "timeout_seconds: 10",
) -> Words:
    return words_of(readings(folder, server, check, minutes, more), "m")


def layer(folder: Path, name: str, answer: Answer) -> str:
    """What the layer `name` says when its answer is this one; the others must be well."""
    with serving(**{name: answer}) as server:
        found = said_by(folder, server)
    own = {"models": "m/models", "completions": "m/completion", "embeddings": "m/embedding"}[name]
    if name != "models":
        assert [words for key, words in found.items() if key != own] == ["healthy"] * 3
    return found[own]


# All is well


def test_each_layer_that_is_well_is_healthy_and_timed(tmp_path: Path) -> None:
    with serving() as server:
        found = readings(tmp_path, server)
    assert words_of(found, "m") == {
        None: "healthy",
        "m/models": "healthy",
        "m/completion": "healthy",
        "m/embedding": "healthy",
    }
    assert all(0 < (reading.response_time_seconds or 0) < 10 for reading in found)


def test_requests_are_small_and_carry_the_headers(tmp_path: Path) -> None:
    check = f'{BOTH}, headers: {{Authorization: "Bearer sk-test"}}'
    with serving() as server:
        said_by(tmp_path, server, check)
    assert {r.headers["authorization"] for r in server.requests} == {"Bearer sk-test"}
    (completion,), (embedding,) = server.asked(COMPLETIONS), server.asked(EMBEDDINGS)
    asked = json.loads(completion.body)
    assert (asked["model"], asked["max_tokens"]) == ("qwen3", 16)
    assert json.loads(embedding.body) == {"model": "bge-m3", "input": "ok"}


@pytest.mark.parametrize(
    ("check", "layers"),
    [
        ("model: qwen3", ["m/models", "m/completion"]),
        ("embedding_model: bge-m3", ["m/models", "m/embedding"]),
        ("url: /v1", ["m/models"]),
        (f"{BOTH}, calls_per_day: 0", ["m/models"]),
    ],
)
def test_only_what_is_named_is_asked(check: str, layers: list[str], tmp_path: Path) -> None:
    with serving() as server:
        found = said_by(tmp_path, server, check)
    assert found == dict.fromkeys([None, *layers], "healthy")
    assert paid_calls(server) == len(layers) - 1


def test_an_absolute_url_and_one_with_a_slash_are_the_same(tmp_path: Path) -> None:
    with serving() as server:
        for url in ("/v1", "/v1/", f'"{server.url}/v1"'):
            said_by(tmp_path, server, f"{BOTH}, url: {url}, calls_per_day: 0")
    assert len(server.asked(MODELS)) == 3


# The model list


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (listed("qwen3"), "unhealthy: the model list lacks bge-m3; it has qwen3"),
        (listed(), "unhealthy: the model list lacks qwen3, bge-m3; it has "),
        (
            listed("\x1b[31mred\x07"),
            "unhealthy: the model list lacks qwen3, bge-m3; it has [31mred",
        ),
        (listed("qwen3:latest", "bge-m3:latest"), "healthy"),
        (said({"data": [{"id": None}, {}, 3, {"id": "qwen3"}, {"id": "bge-m3"}]}), "healthy"),
        (said({"models": ["qwen3"]}), "unknown: the body has nothing at “data[].id”"),
        (
            text("<html>"),
            "unknown: the body is not JSON (line 1, column 1); it begins with: <html>",
        ),
        (failed(401, "bad key"), "unhealthy: status (401), wanted 200-299: bad key"),
        (failed(429), "unhealthy: status (429), wanted 200-299: no GPU"),
        (answered(500), "unhealthy: status (500), wanted 200-299"),
        (reset, "unhealthy: {address} gave no whole HTTP answer (Connection reset by peer)"),
    ],
)
def test_the_model_list_has_its_own_verdict(answer: Answer, verdict: str, tmp_path: Path) -> None:
    with serving(models=answer) as server:
        found = said_by(tmp_path, server)
    assert found[None] == "healthy"
    assert found["m/models"] == verdict.replace("{address}", server.address)


@pytest.mark.parametrize("answer", [answered(500), listed("other"), reset, hang])
def test_without_its_model_list_nothing_is_paid_for(answer: Answer, tmp_path: Path) -> None:
    with serving(models=answer) as server:
        found = said_by(tmp_path, server, more="timeout_seconds: 0.5")
    assert (found["m/completion"], found["m/embedding"]) == (NOT_ASKED, NOT_ASKED)
    assert paid_calls(server) == 0


def test_a_model_list_that_cannot_be_read_keeps_nobody_from_asking(tmp_path: Path) -> None:
    with serving(models=said({"models": []})) as server:
        assert said_by(tmp_path, server)["m/completion"] == "healthy"


# The port


def test_a_port_that_refuses_spends_nothing_and_is_the_cause_of_all(tmp_path: Path) -> None:
    with refusing_port() as port, serving() as server:
        url = f'url: "http://127.0.0.1:{port}/v1"'
        found = readings(tmp_path, server, f"{BOTH}, {url}")
        below = ["m/models", "m/completion", "m/embedding"]
        wanted: Words = dict.fromkeys(below, "unknown: not asked while m is in trouble")
        wanted[None] = f"unhealthy: no connection to 127.0.0.1:{port} (Connection refused)"
        assert words_of(found, "m") == wanted
        assert [reading.asked for reading in found] == [True, False, False, False]
        assert said_by(tmp_path, server, f"{BOTH}, calls_per_day: 2")["m/completion"] == "healthy"


def test_an_unreadable_ca_file_spends_nothing(tmp_path: Path) -> None:
    with serving() as server:
        url = server.url.replace("http:", "https:")
        check = f'{BOTH}, calls_per_day: 2, url: "{url}/v1"'
        found = said_by(tmp_path, server, check, more="ca_file: none.pem")
        assert found["m/models"].startswith("unknown: ca_file cannot be read: ")
        assert said_by(tmp_path, server, f"{BOTH}, calls_per_day: 2")["m/completion"] == "healthy"


# The completion


@pytest.mark.parametrize(
    "answer",
    [
        completed({"content": "ok"}),
        completed({"content": "好"}),
        completed({"content": ""}, "length"),
        completed({"content": None, "reasoning_content": "The user"}, "length"),
        completed({"content": "", "reasoning": "We need"}, "stop"),
        completed({"content": None, "tool_calls": [{"id": "1"}]}, "tool_calls"),
        failed(
            400, "Could not finish the message because max_tokens or model output limit was reached"
        ),
    ],
)
def test_whatever_a_model_has_thought_of_it_thinks(answer: bytes, tmp_path: Path) -> None:
    assert layer(tmp_path, "completions", answer) == "healthy"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (failed(401, "bad key"), "unhealthy: status (401), wanted 200-299: bad key"),
        (failed(429, "slow down"), "unhealthy: status (429), wanted 200-299: slow down"),
        (
            failed(500, "CUDA\nout of memory"),
            "unhealthy: status (500), wanted 200-299: CUDA out of memory",
        ),
        (failed(404, "no such model"), "unhealthy: status (404), wanted 200-299: no such model"),
        (failed(200, "no GPU"), "unknown: the body has nothing at “choices[0]”"),
        (said({"choices": []}), "unknown: the body has nothing at “choices[0]”"),
        (said({"choices": "x"}), "unknown: the body has nothing at “choices[0]”"),
        (said({"choices": ["x"]}), "unknown: the answer holds no completion; it begins with: x"),
        (said([]), "unknown: the body has nothing at “choices[0]”"),
        (
            text("data: {}\n\n"),
            "unknown: the body is not JSON (line 1, column 1); it begins with: data: {}",
        ),
        (answered(200), "unknown: the body is empty"),
        (reset, "unhealthy: {address} gave no whole HTTP answer (Connection reset by peer)"),
    ],
)
def test_a_completion_that_does_not_come_is_never_healthy(
    answer: Answer, verdict: str, tmp_path: Path
) -> None:
    found = layer(tmp_path, "completions", answer)
    address = found.partition(" gave")[0].removeprefix("unhealthy: ")
    assert found == verdict.replace("{address}", address)


@pytest.mark.parametrize(
    "message", [{"content": ""}, {"content": None}, {"content": "", "reasoning": None}, {}]
)
def test_a_model_that_stops_without_a_word_cannot_be_told(
    message: dict[str, str], tmp_path: Path
) -> None:
    found = layer(tmp_path, "completions", completed(message))
    assert found.startswith("unknown: the answer holds no completion; it begins with: {")


# The embedding


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (embedded(4), "healthy"),
        (embedded(3), "unhealthy: an embedding has 3 numbers, wanted 4"),
        (embedded(0), "unknown: the answer holds no embedding; it begins with: []"),
        (
            said({"data": [{"embedding": "AAAA"}]}),
            "unknown: the answer holds no embedding; it begins with: AAAA",
        ),
        (said({"data": []}), "unknown: the body has nothing at “data[0].embedding”"),
        (failed(500), "unhealthy: status (500), wanted 200-299: no GPU"),
    ],
)
def test_an_embedding_must_have_the_promised_length(
    answer: bytes, verdict: str, tmp_path: Path
) -> None:
    assert layer(tmp_path, "embeddings", answer) == verdict


def test_without_a_promise_any_length_will_do(tmp_path: Path) -> None:
    with serving(embeddings=embedded(7)) as server:
        assert said_by(tmp_path, server, "embedding_model: bge-m3")["m/embedding"] == "healthy"


# One layer that hangs


@pytest.mark.parametrize("answer", [hang, drip_the_body])
@pytest.mark.parametrize(
    ("name", "own"),
    [("completions", "m/completion"), ("embeddings", "m/embedding"), ("models", "m/models")],
)
def test_a_layer_that_hangs_is_unhealthy_and_no_other(
    name: str, own: str, answer: Answer, tmp_path: Path
) -> None:
    with serving(**{name: answer}) as server:
        found = said_by(tmp_path, server, more="timeout_seconds: 0.5")
    hangs = "unhealthy: connected, but no answer within 0.5 s"
    assert found[own] == (
        hangs if answer is hang else "unhealthy: the answer did not end within 0.5 s"
    )
    others = {words for key, words in found.items() if key != own}
    assert others <= {"healthy", NOT_ASKED}
    assert (NOT_ASKED in others) == (name == "models")


def test_a_completion_that_hung_is_remembered(tmp_path: Path) -> None:
    check, quick = f"{BOTH}, calls_per_day: 2", "timeout_seconds: 0.5"
    with serving(completions=hang) as server:
        said_by(tmp_path, server, check, more=quick)
        later = readings(tmp_path, server, check, minutes=1, more=quick)
        assert paid_calls(server) == 2
    assert (
        words_of(later, "m")["m/completion"] == "unhealthy: connected, but no answer within 0.5 s"
    )
    assert [(r.asked, r.probed_at) for r in later if r.component == "m/completion"] == [
        (False, NOW)
    ]


# The name of the limit


def test_a_model_that_refuses_max_tokens_is_asked_again_by_the_newer_name_and_so_ever_after(
    tmp_path: Path,
) -> None:
    with serving(completions=refusing("max_tokens")) as server:
        for day in range(3):
            found = said_by(tmp_path, server, "model: qwen3", minutes=day * 24 * 60)
            assert found["m/completion"] == "healthy"
        asked = [json.loads(request.body).keys() & {"max_tokens", "max_completion_tokens"}
                 for request in server.asked(COMPLETIONS)]  # fmt: skip
    assert asked == [{"max_tokens"}, *[{"max_completion_tokens"}] * 3]


def test_a_model_that_knows_the_older_name_alone_is_asked_by_it_again(tmp_path: Path) -> None:
    with serving(completions=refusing("max_tokens")) as server:
        said_by(tmp_path, server)
        server.answers = {
            **server.answers,
            COMPLETIONS: refusing("max_completion_tokens", "unknown field max_completion_tokens"),
        }
        assert said_by(tmp_path, server, minutes=24 * 60)["m/completion"] == "healthy"


def test_when_the_budget_has_no_call_left_to_ask_again_nothing_is_known_until_the_next(
    tmp_path: Path,
) -> None:
    check = "model: qwen3, calls_per_day: 1"
    with serving(completions=refusing("max_tokens")) as server:
        first = said_by(tmp_path, server, check)["m/completion"]
        assert first == f"unknown: status (400), wanted 200-299: {REFUSAL}"
        assert len(server.asked(COMPLETIONS)) == 1
        assert said_by(tmp_path, server, check, minutes=24 * 60)["m/completion"] == "healthy"
        assert len(server.asked(COMPLETIONS)) == 2


# The budget


def test_the_free_layers_are_asked_in_each_round_and_the_paid_ones_by_their_budget(
    tmp_path: Path,
) -> None:
    with serving() as server:
        for minute in range(61):
            found = readings(tmp_path, server, f"{BOTH}, calls_per_day: 48", minutes=minute)
            assert set(words_of(found, "m").values()) == {"healthy"}
        assert len(server.asked(MODELS)) == 61
        assert paid_calls(server) == 4
        held = [r for r in readings(tmp_path, server, BOTH, minutes=61) if not r.asked]
    assert [r.probed_at for r in held] == [NOW + 60 * MINUTE] * 2


def test_after_a_failure_each_round_asks_until_the_threshold_and_then_no_more(
    tmp_path: Path,
) -> None:
    with serving(completions=answered(500)) as server:
        for minute in range(10):
            said_by(tmp_path, server, f"{BOTH}, calls_per_day: 48", minutes=minute)
    assert len(server.asked(COMPLETIONS)) == 3
