"""The words of configurations: what is one word, what is misspelled, and what is only another."""

import pytest

from ops_pipelines.config.vocabulary import canonical, kind_of, legacy, meant, normal


@pytest.mark.parametrize(
    ("key", "name"),
    [("maxTokens", "max_tokens"), ("MAX-TOKENS", "max_tokens"), ("max__tokens", "max_tokens"),
     ("$llm", "llm"), ("topP", "top_p"), ("LLM_API_KEY", "llm_api_key"), (1, "1"), (None, "none")],
)  # fmt: skip
def test_keys_are_compared_in_one_spelling(key: object, name: str) -> None:
    assert normal(key) == name


@pytest.mark.parametrize(
    ("key", "name"),
    [("embedding", "embeddings"), ("vectorStore", "vector_store"), ("chunksize", "chunk_size"),
     ("api_base", "base_url"), ("retry_attempts", "max_retries"), ("server", "api"),
     ("our_own_thing", "our_own_thing")],
)  # fmt: skip
def test_other_names_of_a_thing_lead_to_its_first(key: str, name: str) -> None:
    assert canonical(key) == name


@pytest.mark.parametrize(
    ("key", "kind"),
    [("port", "port"), ("redis_port", "port"), ("llmTimeoutSeconds", "duration"), ("topK", "count"),
     ("model", "text"), ("requests_per_minute", "amount"), ("models", "section"),
     ("maximize_top_k", None), ("use_port", None),
     ("support", None), ("anything", None)],
)  # fmt: skip
def test_a_kind_is_told_by_the_key_or_its_end(key: str, kind: str | None) -> None:
    found = kind_of(key)

    assert (found.name if found else None) == kind


@pytest.mark.parametrize(
    ("written", "word"),
    [("modle", "model"), ("prot", "port"), ("porrt", "port"), ("temprature", "temperature"),
     ("embedings", "embeddings"), ("chunk_szie", "chunk_size"), ("chunkSzie", "chunk_size"),
     ("api_kye", "api_key"), ("redis_prot", "redis_port"), ("databse", "database"),
     ("loging", "logging"), ("tempereture", "temperature"), ("enpoint", "endpoint"),
     ("algoritmh", None), ("algorihtm", "algorithm"), ("intervval", "interval")],
)  # fmt: skip
def test_one_slip_of_the_finger_is_seen(written: str, word: str | None) -> None:
    assert meant(written) == word


@pytest.mark.parametrize(
    "key",
    # As real projects have them, near as they are to other words.
    ["mode", "models", "hosts", "vllm", "vlm", "core", "cached", "serve", "en", "content_size",
     "max_iters", "codex_oauth", "vllmConfig", "access_modes", "app_embeddings_dimensions",
     "chunksize", "timeout_ms", "param", "batch", "xyz", "a", "tts", "sort", "input_cost",
     "expiry_seconds", "healthy", "preload", "num_cols", "stored", "states", "header", "disable",
     "series", "stats", "loaded", "requires", "internal", "python3"],
)  # fmt: skip
def test_another_word_is_no_slip(key: str) -> None:
    assert meant(key) is None


def test_keys_of_earlier_versions_are_known() -> None:
    found = legacy("chromaDbImpl")

    assert found
    assert found.now == "persist_directory"
    assert legacy("persist_directory") is None
