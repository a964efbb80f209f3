"""Places to keep things in: a local folder, and an object store behind the real S3 API."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import s3fs
from moto.server import ThreadedMotoServer

from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.places import open_folder


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """Where an S3 service answers."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.fixture
def bucket(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket that this process and its children can reach, as an operator sets it up."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    name = f"outputs-{uuid4().hex}"
    s3fs.S3FileSystem(use_listings_cache=False).mkdir(name)
    return name


@pytest.fixture(params=["a folder", "an object store"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A `data_dir`, of either kind."""
    if request.param == "a folder":
        return str(tmp_path / "data")
    return f"s3://{request.getfixturevalue('bucket')}/rag-system"


@pytest.fixture
def folder(location: str) -> Folder:
    return open_folder(location)
