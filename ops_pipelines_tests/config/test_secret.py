"""What is a secret: told by its key, or by its shape."""

import pytest

from ops_pipelines.config.secret import (
    is_placeholder,
    is_secret,
    is_secret_key,
    learn_secrets,
    masked,
)
from ops_pipelines.redaction import redact
from ops_pipelines_tests.config.mutations import CANARY


@pytest.mark.parametrize(
    "key",
    ["api_key", "apiKey", "OPENAI_API_KEY", "password", "redisPassword", "secret", "client_secret",
     "token", "access_token", "hf_token", "master_key", "aws_secret_access_key", "passwd",
     "connection_string", "api_keys", "api_kye", "session_secret", "api_key2"],
)  # fmt: skip
def test_what_stands_at_such_a_key_is_secret(key: str) -> None:
    assert is_secret_key(key)
    assert is_secret(key, CANARY)


@pytest.mark.parametrize(
    "key",
    ["max_tokens", "eos_token", "tokens", "tokenizer", "api_key_env_var", "secret_name", "key",
     "token_limit", "keyword", "password_file", "pull_secrets", "num_tokens", "session_key",
     "primary_key", "partition_key", "thinking_tokens"],
)  # fmt: skip
def test_what_stands_at_such_a_key_is_not(key: str) -> None:
    assert not is_secret_key(key)


@pytest.mark.parametrize(
    "value",
    ["sk-proj-abcdefghijklmnopqrst", "ghp_" + "a" * 36, "AKIA" + "A" * 16, "xoxb-1234567890-ab",
     "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abc", "redis://:hunter2pw@host:6379/0",
     "-----BEGIN RSA PRIVATE KEY-----"],
)  # fmt: skip
def test_some_secrets_show_wherever_they_stand(value: str) -> None:
    assert is_secret("anything", value)


@pytest.mark.parametrize(
    "value",
    ["", "null", "EMPTY", "no-key-required", "not-needed", "ollama", "${KEY}", "os.environ/KEY",
     "env:KEY", "/run/secrets/key", "dummy"],
)  # fmt: skip
def test_no_secret_stands_where_none_is_needed_or_it_is_elsewhere(value: str) -> None:
    assert not is_secret("api_key", value)


@pytest.mark.parametrize(
    "value",
    ["your-api-key", "YOUR_API_KEY_HERE", "<api-key>", "changeme", "sk-xxxxxxxx", "sk-...",
     "replace-me", "insert key", "你的密钥"],
)  # fmt: skip
def test_an_example_is_told_from_a_secret(value: str) -> None:
    assert is_placeholder(value)


def test_a_real_looking_secret_is_no_example() -> None:
    assert not is_placeholder(CANARY)
    assert not is_placeholder("sk-proj-abcdefghijklmnopqrst")


def test_secrets_are_learned_by_the_redactor_and_other_values_are_not() -> None:
    learn_secrets([{"a": [{"password": CANARY}], "model": "qwen3-long-name"}, {"port": 8000}])

    assert redact(f"x {CANARY} y") == "x *** y"
    assert redact("qwen3-long-name 8000") == "qwen3-long-name 8000"


def test_a_short_password_is_masked_in_its_place_and_not_everywhere() -> None:
    learn_secrets({"password": "admin"})

    assert redact("admin") == "admin"
    assert masked("password", "admin") == "***"
    assert masked("name", "admin") == "admin"
