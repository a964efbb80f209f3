from functools import partial
from pathlib import Path

import pytest

from ops_pipelines.demo import store
from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.index import index
from ops_pipelines.demo.prepare import DOCUMENTS
from ops_pipelines.demo.vectors import vector
from ops_pipelines.demo.words import words
from ops_pipelines_tests.demo.served import Served

embed = partial(vector, dimension=256)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "documents.db"
    index(path, DOCUMENTS, embed, 300, "test")
    return path


@pytest.mark.parametrize(
    ("question", "document", "words_of_it"),
    [
        ("What is the refund period?", "en-refunds", "30 days"),
        ("How long does standard delivery take?", "en-shipping", "2 to 4 working days"),
        ("warranty for lamps", "en-warranty", "2 years"),
        ("When is the service desk open?", "en-service-desk", "08:00 to 18:00"),
        ("How much may a hotel room cost?", "en-travel", "120.00"),
        ("May I work from home?", "en-remote-work", "3 days a week"),
        ("退款期限是多少天？", "zh-refunds", "30 天"),
        ("年假有多少天？", "zh-leave", "15 天"),
        ("积分的有效期是多久？", "zh-membership", "24 个月"),
        ("密码至少需要多少个字符？", "zh-security", "12 个字符"),
        ("报销款什么时候支付？", "zh-expenses", "15 日和 30 日"),
        ("叉车的限速是多少？", "zh-warehouse", "5 公里"),
    ],
)
def test_the_right_passage_comes_first(
    database: Path, question: str, document: str, words_of_it: str
) -> None:
    best, *_ = store.search(database, question, embed(question), 3)

    assert best.document == document
    assert words_of_it in best.text


@pytest.mark.parametrize(
    "question", ["Which planet is the largest?", "明天会下雨吗？", "", "?!\"'"]
)
def test_what_no_document_speaks_of_is_not_found(database: Path, question: str) -> None:
    assert store.search(database, question, embed(question), 3) == []


def test_no_more_passages_than_wanted(database: Path) -> None:
    assert len(store.search(database, "working days", embed("working days"), 2)) == 2


def test_words_and_vectors_both_have_a_say_in_the_order(database: Path) -> None:
    question = "working days"
    by_words = store.search(database, question, [0.0] * 256, 10)
    swayed = store.search(database, question, embed(by_words[-1].text), 10)

    assert {passage.text for passage in swayed} == {passage.text for passage in by_words}
    assert [passage.text for passage in swayed] != [passage.text for passage in by_words]
    scores = [passage.score for passage in swayed]
    assert scores != sorted(scores, reverse=True)


def test_documents_are_read_once_until_something_changes(tmp_path: Path) -> None:
    database, documents = tmp_path / "documents.db", tmp_path / "documents"
    documents.mkdir()
    (documents / "one.md").write_text("# Tea\n\nTea is hot.\n\nCoffee is not tea.")

    assert index(database, documents, embed, 20, "a model")
    assert not index(database, documents, embed, 20, "a model")
    assert store.count(database) == 2
    assert index(database, documents, embed, 200, "a model")
    assert store.count(database) == 1, "short paragraphs stay together"
    assert index(database, documents, embed, 200, "another model")
    (documents / "one.md").write_text("# Tea\n\nTea is cold.")
    assert index(database, documents, embed, 200, "another model")
    [passage] = store.search(database, "tea", embed("tea"), 5)
    assert (passage.title, passage.text) == ("Tea", "Tea is cold.")


def test_a_database_that_is_gone_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        store.count(tmp_path / "none.db")

    assert (caught.value.status, caught.value.error_type) == (500, "DatabaseError")
    assert not (tmp_path / "none.db").exists()


def test_words_of_both_languages() -> None:
    assert words("The Refunds, of ORDERS 24h!") == ["refund", "order", "24h"]
    assert words("退款期限 is 30 天") == ["退款", "款期", "期限", "30", "天"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the refund period?", "30 days"),
        ("退款期限是多少天？", "30 天"),
        ("Which planet is the largest?", "The handbook does not say."),
        ("明天会下雨吗？", "手册中没有相关说明。"),
    ],
)
def test_the_service_answers_from_its_documents(served: Served, question: str, answer: str) -> None:
    assert answer in served.ask(question).json()["answer"]
