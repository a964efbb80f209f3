from typing import Any

import pytest
import yaml

from ops_pipelines.config.databases import lacking
from ops_pipelines_tests.config.corpus import corpus


def found(data: Any, kept: tuple[str, ...] = (), file: str = "/app/a.yaml") -> dict[str, str]:
    """What is lacking, each with its place in the file."""
    return {f.subject: f.facts["where"].partition(": ")[2] for f in lacking({file: data}, kept)}


@pytest.mark.parametrize(
    ("data", "kind", "at"),
    [
        ({"database": {"url": "postgresql://u:p@db:5432/rag"}}, "PostgreSQL", "database.url"),
        ({"database": {"url": "postgresql+asyncpg://u:p@db/x"}}, "PostgreSQL", "database.url"),
        ({"db": {"type": "postgres", "host": "db"}}, "PostgreSQL", "db.type"),
        ({"vector_store": {"provider": "pgvector"}}, "PostgreSQL", "vector_store.provider"),
        ({"vector_store": {"provider": "Qdrant"}}, "Qdrant", "vector_store.provider"),
        ({"qdrant": {"host": "qdrant", "port": 6333}}, "Qdrant", "qdrant"),
        ({"stores": [{"url": "http://qdrant:6333"}]}, "Qdrant", "stores.0.url"),
        (
            {"vectordb": {"provider": "chroma", "config": {"dir": "db"}}},
            "Chroma",
            "vectordb.provider",
        ),
        ({"vectorstore": "milvus"}, "Milvus", "vectorstore"),
        ({"store": {"engine": "weaviate"}}, "Weaviate", "store.engine"),
        ({"graph": {"uri": "bolt://neo4j:7687"}}, "Neo4j", "graph.uri"),
        ({"search": {"backend": "open-search"}}, None, ""),
        ({"search": {"backend": "opensearch"}}, "OpenSearch", "search.backend"),
        ({"db": {"uri": "mysql+pymysql://u:p@h/x"}}, "MySQL / MariaDB", "db.uri"),
        ({"vector_store": {"type": "faiss", "path": "index"}}, "FAISS", "vector_store.type"),
        ({"session_store": {"url": "postgresql://db/x"}}, "PostgreSQL", "session_store.url"),
        ({"memory": {"url": "redis://h:6379/0"}}, "Redis", "memory.url"),
        ({"DATABASE_URL": "postgresql://u:p@db/x"}, "PostgreSQL", "DATABASE_URL"),
        ({"VECTOR_STORE": "weaviate", "DB_TYPE": "postgresql"}, "Weaviate", "VECTOR_STORE"),
    ],
)
def test_a_mentioned_database_is_named_with_its_place(data: Any, kind: str | None, at: str) -> None:
    assert found(data).get(kind or "") == (at if kind else None)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"llm": {"provider": "openai", "type": "chat"}},
        {"cache": {"type": "redis", "url": "redis://h:6379/0"}},
        {"celery": {"broker_url": "redis://h:6379/1"}},
        {"vector_store": {"provider": "sqlite", "qdrant": {"host": "localhost"}}},
        {"qdrant": {"enabled": False, "host": "localhost"}},
        {"qdrant": {}},
        {"database": {"url": "sqlite:///:memory:"}},
        {"database": {"url": "sqlite://"}},
        {"prompt": "use postgres, qdrant or chroma", "title": "milvus"},
        {"language": {"type": "es"}},
    ],
)
def test_what_is_no_database_or_only_holds_copies_is_not(data: Any) -> None:
    assert found(data) == {}


def test_of_several_described_stores_only_the_chosen_one_counts() -> None:
    data = {
        "vector_store": {
            "provider": "qdrant",
            "qdrant": {"url": "http://qdrant:6333"},
            "chroma": {"persist_directory": "./chroma"},
            "milvus": {"uri": "http://milvus:19530"},
        }
    }
    assert set(found(data)) == {"Qdrant"}


def test_an_env_file_that_describes_every_store_means_the_chosen_one() -> None:
    """As Dify's .env does."""
    data = {
        "VECTOR_STORE": "weaviate",
        "WEAVIATE_ENDPOINT": "http://weaviate:8080",
        "QDRANT_URL": "http://qdrant:6333",
        "MILVUS_URI": "http://milvus:19530",
        "CELERY_BROKER_URL": "redis://:x@redis:6379/1",
    }
    assert set(found(data, file="/app/.env")) == {"Weaviate"}


def test_a_sqlite_database_that_is_not_kept_is_named_and_one_that_is_kept_is_not() -> None:
    data = {
        "database": {"url": "sqlite+aiosqlite:///./data/rag.db"},
        "index": {"path": "x.sqlite3"},
    }
    assert found(data) == {"rag.db": "database.url", "x.sqlite3": "index.path"}
    assert found(data, ("/app/data/rag.db", "/app/x.sqlite3")) == {}


def test_chroma_s_own_sqlite_file_is_half_of_it() -> None:
    (finding,) = lacking({}, ("/app/chroma/chroma.sqlite3",))
    assert (finding.code, finding.subject) == ("backup.lacks_folder", "Chroma")
    assert "whole folder" in finding.action


def test_each_kind_is_told_once_with_what_backs_it_up_and_no_password() -> None:
    data = {
        "a": {"url": "postgresql://u:hunter2@db/a"},
        "b": {"url": "postgresql://u:hunter2@db/b"},
    }
    (finding,) = lacking({"/app/a.yaml": data}, ())
    assert "pg_dump" in finding.action
    assert "https://" in finding.action
    assert "hunter2" not in finding.message + finding.action + str(finding.stored())


def test_the_configurations_of_real_projects_name_what_they_use() -> None:
    """Looked up by hand in each of them; the other projects' files name none."""
    told = {valid.name: set(found(yaml.load(valid.text, yaml.BaseLoader))) for valid in corpus()}
    assert {name: kinds for name, kinds in told.items() if kinds} == {
        "private-gpt": {"PostgreSQL"},
        "embedchain": {"OpenSearch"},
        "ragflow": {"MySQL / MariaDB", "Elasticsearch", "MinIO", "Redis"},
        "llama-stack": {"PostgreSQL", "Chroma"},
    }
