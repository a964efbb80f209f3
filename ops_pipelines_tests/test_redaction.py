import base64
import html
import io
import json
import logging
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.redaction import (
    _PLAIN_WORDS,
    MASK,
    SHORTEST,
    guard_logs,
    learn,
    learn_credentials,
    redact,
    redact_tree,
)
from ops_pipelines_tests.conftest import forget_secrets

CANARY = 'sk-C4n4ry/+= "p@ss"\\ünïcode密🔑'

SPELLINGS = {
    "as it is": CANARY,
    "percent-encoded": quote(CANARY, safe=""),
    "percent-encoded as a path": quote(CANARY),
    "percent-encoded in small letters": quote(CANARY, safe="").replace("%2F", "%2f"),
    "percent-encoded twice": quote(quote(CANARY, safe=""), safe=""),
    "as a form": quote_plus(CANARY),
    "as httpx sends it": str(httpx.URL("http://host/", params={"key": CANARY}).query, "ascii"),
    "in a URL of httpx": str(httpx.URL(f"http://host/?key={CANARY}")),
    "in JSON": json.dumps(CANARY),
    "in JSON with its own characters": json.dumps(CANARY, ensure_ascii=False),
    "in JSON of Go": json.dumps(CANARY).replace("+", "\\u002B").replace("=", "\\u003d"),
    "in JSON of PHP": json.dumps(CANARY).replace("/", "\\/"),
    "in JSON inside JSON": json.dumps(json.dumps(CANARY)),
    "in Python": repr(CANARY),
    "in Python as bytes": repr(CANARY.encode()),
    "in HTML": html.escape(CANARY),
    "in HTML with numbers": CANARY.replace('"', "&#34;").replace("+", "&#x2B;"),
}


secrets = st.text(min_size=SHORTEST).filter(
    lambda text: len(text.strip()) >= SHORTEST and text.strip().lower() not in _PLAIN_WORDS
)
logger = logging.getLogger("of.a.library")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a handler writes while logs are guarded."""
    make_record = logging.getLogRecordFactory()
    guard_logs()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield written
    logger.removeHandler(handler)
    logging.setLogRecordFactory(make_record)


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_secret_is_masked_in_every_spelling(text: str) -> None:
    learn(CANARY)
    masked = redact(f"before {text} after")
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert "C4n4ry" not in masked
    assert "p@ss" not in masked
    assert "p%40ss" not in masked


def test_text_without_a_secret_stays_as_it_is() -> None:
    assert redact("nothing was learned") == "nothing was learned"
    learn(CANARY)
    assert redact("sk-C4n4ry is only the beginning") == "sk-C4n4ry is only the beginning"


def test_a_long_secret_is_masked_in_small_and_large_letters_too() -> None:
    learn("0A1B2C3D4E5F")
    learn("Test")
    assert redact("key=0a1b2c3d4e5f") == "key=***"
    assert redact("a test is no Test") == "a test is no ***"


def test_of_a_secret_that_contains_another_nothing_is_left() -> None:
    learn("hunter2")
    learn("hunter2-and-more")
    assert redact("hunter2-and-more, hunter2") == "***, ***"


def test_the_line_end_of_a_secret_from_a_file_is_no_part_of_it() -> None:
    learn("hunter2\n")
    assert redact("key hunter2 refused") == "key *** refused"


def test_a_secret_of_several_lines_is_masked_on_one_line_too() -> None:
    learn("-----BEGIN KEY-----\nMIIBOgIBAAJB\n-----END KEY-----")
    assert redact("bad: -----BEGIN KEY----- MIIBOgIBAAJB -----END KEY-----!") == "bad: ***!"
    assert redact(repr("-----BEGIN KEY-----\nMIIBOgIBAAJB\n-----END KEY-----")) == "'***'"


@pytest.mark.parametrize("word", ["", "abc", "  a  ", "true", "None", "healthy"])
def test_what_is_too_short_or_a_plain_word_is_no_secret(word: str) -> None:
    learn(word)
    assert redact(f"it is {word} abc true healthy") == f"it is {word} abc true healthy"


def test_a_password_is_masked_in_a_basic_authorization_header() -> None:
    learn_credentials("ops", "s3cret/pass")
    header = httpx.Request("GET", "http://h", headers={"Authorization": _basic("ops:s3cret/pass")})
    assert redact(str(header.headers["Authorization"])) == "Basic ***"
    assert redact("ops:s3cret/pass") == "ops:***"


def test_a_password_that_stands_percent_encoded_in_a_url_is_masked_as_it_is_sent() -> None:
    learn_credentials("ops%40home", "s3cret%2Fpass")
    assert redact("http://ops%40home:s3cret%2Fpass@host/") == "http://ops%40home:***@host/"
    assert redact("s3cret/pass") == "***"
    assert redact(_basic("ops@home:s3cret/pass")) == "Basic ***"


def test_a_tree_is_masked_in_values_keys_and_lists_and_keeps_its_numbers() -> None:
    learn("hunter2")
    tree = {"hunter2": ["x hunter2", {"a": ("hunter2", 1.5, None, True)}], "n": 22}
    assert redact_tree(tree) == {"***": ["x ***", {"a": ["***", 1.5, None, True]}], "n": 22}


@given(secrets, st.data())
def test_whatever_the_secret_each_usual_spelling_of_it_is_masked(
    secret: str, data: st.DataObject
) -> None:
    forget_secrets()
    learn(secret)
    secret = secret.strip()
    spelled = data.draw(
        st.sampled_from(
            [
                secret,
                quote(secret, safe="", errors="surrogatepass"),
                quote_plus(secret, errors="surrogatepass"),
                urlencode({"": secret}, errors="surrogatepass")[1:],
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                html.escape(secret),
            ]
        )
    )
    assert redact(f"⟨{spelled}⟩") == f"⟨{MASK}⟩"


def test_log_records_are_masked_in_their_text_and_arguments(log: io.StringIO) -> None:
    learn("hunter2")
    logger.info("key hunter2")
    logger.info("GET %s -> %d", httpx.URL("http://host/?key=hunter2"), 200)
    logger.info("%(user)s logs in with %(key)s", {"user": "ops", "key": "hunter2"})
    logger.warning("split hun%s", "ter2")
    assert log.getvalue().splitlines() == [
        "key ***",
        "GET http://host/?key=*** -> 200",
        "ops logs in with ***",
        "split ***",
    ]


def test_a_traceback_in_the_log_is_masked(log: io.StringIO) -> None:
    learn("hunter2")
    try:
        int("hunter2")
    except ValueError:
        logger.exception("it failed", stack_info=True)
    assert "invalid literal for int() with base 10: '***'" in log.getvalue()
    assert "hunter2" not in log.getvalue()


def record_of(text: str, *arguments: object) -> logging.LogRecord:
    make_record = logging.getLogRecordFactory()
    return make_record("a.library", logging.INFO, "", 1, text, arguments, None)


@pytest.mark.usefixtures("log")
def test_arguments_stay_where_a_formatter_looks_for_them() -> None:
    learn("hunter2")
    record = record_of('%s - "%s" %d', "127.0.0.1:5000", "GET /?key=hunter2", 200)
    assert record.args == ("127.0.0.1:5000", "GET /?key=***", 200)


@pytest.mark.usefixtures("log")
def test_arguments_that_do_not_fit_are_told_of_as_ever_and_do_not_stop_the_program(
    capsys: pytest.CaptureFixture[str],
) -> None:
    learn("hunter2")
    logging.StreamHandler(io.StringIO()).handle(record_of("%d workers", "hunter2"))
    assert "Arguments: ('***',)" in capsys.readouterr().err


@pytest.mark.usefixtures("log")
def test_logs_are_guarded_once() -> None:
    factory = logging.getLogRecordFactory()
    guard_logs()
    assert logging.getLogRecordFactory() is factory


def test_a_secret_that_another_thread_learns_is_masked_at_once() -> None:
    learn("hunter2")
    redact("x")
    thread = threading.Thread(target=learn, args=("s3cret-of-another",))
    thread.start()
    thread.join()
    assert redact("s3cret-of-another") == MASK


def test_masking_hostile_text_takes_no_time_to_speak_of() -> None:
    learn('\\"\\\\' + CANARY)
    assert redact("\\" * 200_000 + "%25" * 100_000).startswith("\\")


def _basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()
