"""The rules of sense: each is broken by its example, and kept by the one beside it."""

from pathlib import Path

import pytest

from ops_pipelines.config.rules import known_rules
from ops_pipelines.config.validate import validate
from ops_pipelines.config.vocabulary import load
from ops_pipelines.messages import TEXTS
from ops_pipelines_tests.settings.files import marked

# code: what breaks it, with « before what is to blame; what keeps it
EXAMPLES = {
    "overlap_not_below_chunk": (
        "splitter: {chunk_size: 100, chunk_overlap: «100}",
        "splitter: {chunk_size: 100, chunk_overlap: 20}",
    ),
    "large_overlap": (
        "splitter: {chunkSize: 100, overlap: «60}",
        "splitter: {chunkSize: 100, overlap: 50}",
    ),
    "connect_timeout": (
        "llm: {connect_timeout: «1m, timeout: 30s}",
        "llm: {connect_timeout: 5, timeout: 30}",
    ),
    "retries_outlast_caller": (
        "llm: {timeout: «20, max_retries: 2}\nserver: {request_timeout: 30}",
        "llm: {timeout: 10, max_retries: 2}\nserver: {request_timeout: 30}",
    ),
    "timeout_outlasts_caller": (
        "llm: {timeout: «60}\napi: {timeout: 30}",
        "llm: {timeout: 30}\napi: {timeout: 30}",
    ),
    "more_tokens_than_window": (
        "llm: {max_new_tokens: «8000, context_window: 4096}",
        "llm: {max_new_tokens: 512, context_window: 4096}",
    ),
    "rerank_more_than_found": (
        "retrieval: {top_k: 5, rerank_top_n: «10}",
        "retrieval: {top_k: 20, rerank_top_n: 5}",
    ),
    "pool_below_concurrency": (
        "database: {pool_size: «5, max_overflow: 2}\nperformance: {max_concurrent_requests: 10}",
        "database: {pool_size: 5, max_overflow: 5}\nperformance: {max_concurrent_requests: 10}",
    ),
    "cache_without_limit": (
        "cache: {enabled: «true, type: memory}",
        "cache: {enabled: true, type: redis}",
    ),
    "debug_in_production": (
        "app: {environment: production, debug: «true}",
        "app: {environment: development, debug: true}",
    ),
    "debug_log_in_production": (
        "environment: prod\nlogging: {level: «DEBUG}",
        "environment: prod\nlogging: {level: INFO}",
    ),
    "open_to_all": (
        "environment: development\napi: {host: «0.0.0.0}",
        "environment: production\napi: {host: 0.0.0.0}",
    ),
    "any_origin_with_credentials": (
        "cors: {allow_origins: «['*'], allow_credentials: true}",
        "cors: {allow_origins: ['*'], allow_credentials: false}",
    ),
    "provider_without_model": (
        "llm: {provider: «openai, temperature: 0.1}",
        "llm: {provider: openai, default_model: x}",
    ),
    "model_retired": (
        "llm: {model: «openai/text-davinci-003}",
        "llm: {model: azure/text-davinci-003}",
    ),
    "model_of_another": (
        "llm: {provider: anthropic, model: «gpt-4o}",
        "llm: {provider: openai, model: claude-sonnet, base_url: http://gateway}",
    ),
    "dimension_of_model": (
        "embeddings: {model: BAAI/bge-m3, dimensions: «768}",
        "embeddings: {model: text-embedding-3-large, dimensions: 1024}",
    ),
    "dimension_of_store": (
        "embedding: {dim: 1, embed_dim: 768}\nvectordb: {vector_size: «1024}",
        "embedding: {embed_dim: 768}\nvectordb: {vector_size: 768}",
    ),
    "dimension_of_store_and_model": (
        "embeddings: {model: 'nomic-embed-text:latest'}\nvector_store: {dimension: «1024}",
        "embeddings: {model: 'nomic-embed-text:latest'}\nvector_store: {dimension: 768}",
    ),
    "batch_above_limit": (
        "embeddings: {provider: cohere, model: embed-english-v3.0, batch_size: «128}",
        "embeddings: {provider: cohere, model: embed-english-v3.0, batch_size: 96}",
    ),
    "chat_model_as_embedding": (
        "embeddings: {model: «gpt-4o-mini}",
        "embeddings: {model: text-embedding-3-small}",
    ),
    "embedding_model_as_chat": (
        "llm: {model: «text-embedding-3-small}",
        "llm: {model: gpt-4o-mini}",
    ),
    "url_without_scheme": (
        "llm: {base_url: «'localhost:8000/v1'}",
        "llm: {base_url: 'http://localhost:8000/v1'}",
    ),
    "url_malformed": (
        "llm: {base_url: «'http:/localhost:8000/v1'}",
        "llm: {base_url: 'https://a.example/v1'}",
    ),
    "url_with_endpoint": (
        "llm: {api_base: «'http://a/v1/chat/completions'}",
        "llm: {api_base: 'http://a/v1'}",
    ),
    "url_doubled_version": ("llm: {base_url: «'http://a/v1/v1'}", "llm: {base_url: 'http://a/v1'}"),
    "least_above_most": ("retry: {min_delay: «9, max_delay: 3}", "retry: {min_delay: 1}"),
}


def codes(folder: Path, text: str) -> list[tuple[str, tuple[int, int]]]:
    file = folder / "config.yaml"
    file.write_text(text, "utf-8")
    problems = validate(file, None, {}).problems
    return [(p.code, (p.line, p.column)) for p in problems]


@pytest.mark.parametrize("code", EXAMPLES)
def test_each_rule_is_broken_and_kept_by_its_examples(tmp_path: Path, code: str) -> None:
    breaks, keeps = EXAMPLES[code]
    text, [place] = marked(breaks)

    assert (f"config.{code}", place) in codes(tmp_path, text)
    assert f"config.{code}" not in [found for found, _place in codes(tmp_path, keeps)]


def test_every_rule_has_an_example_a_text_a_reason_and_a_source() -> None:
    rows = load("sense.yaml")

    assert [row["code"] for row in rows] == list(EXAMPLES)
    assert {f"config.{rule.code}" for rule in known_rules()} <= set(TEXTS)
    assert all(row["reason"] and row["source"] for row in rows)


def test_facts_about_models_are_few_and_have_a_source() -> None:
    facts = load("models.yaml")

    assert len(facts["models"]) <= 30
    assert all(row["source"].startswith("https://") for row in facts["models"] + facts["providers"])


def test_a_rule_that_does_not_fit_the_values_is_not_broken(tmp_path: Path) -> None:
    text = "splitter: {chunk_size: [1], chunk_overlap: {a: b}}\ncache: text\nllm: 5\n"

    found = [code for code, _place in codes(tmp_path, text)]

    assert not {f"config.{code}" for code in EXAMPLES} & set(found)
