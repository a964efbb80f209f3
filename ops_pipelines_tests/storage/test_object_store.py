"""What holds for a folder holds for an object store; and what only a store can do wrong."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

from ops_pipelines.errors import StorageError
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.object_store import ObjectStore
from ops_pipelines.storage.places import open_folder


@pytest.fixture
def new_connection() -> Iterator[None]:
    """No connection that was made before, or is made now, serves anybody else."""
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_content_is_read_as_it_was_written(folder: Folder) -> None:
    content = bytes(range(256)) * 1000
    folder.write("asset/day/versions/x.json", content)
    assert folder.read("asset/day/versions/x.json") == content


def test_a_content_replaces_the_earlier_one(folder: Folder) -> None:
    folder.write("asset/latest.json", b"a longer one")
    folder.write("asset/latest.json", b"new")
    folder.write("asset/latest.json", b"")
    assert folder.read("asset/latest.json") == b""


def test_a_name_without_a_folder_lies_at_the_top(folder: Folder) -> None:
    folder.write("x.json", b"1")
    assert folder.names("") == ["x.json"]


def test_what_is_not_there_is_none(folder: Folder) -> None:
    folder.write("asset/latest.json", b"1")
    assert folder.read("nothing.json") is None
    assert folder.read("asset/nothing.json") is None
    assert folder.read("asset/latest.json/inside.json") is None


def test_names_and_folders_are_those_right_below_and_sorted(folder: Folder) -> None:
    for name in ("a/2.json", "a/10.json", "a/1/versions/x.json", "a/.hidden", "b/1.json"):
        folder.write(name, b"1")
    assert folder.names("a") == ["10.json", "2.json"]
    assert folder.folders("a") == ["1"]
    assert folder.folders("") == ["a", "b"]


def test_nothing_lies_below_what_is_not_there(folder: Folder) -> None:
    folder.write("a/1.json", b"1")
    assert folder.names("b") == folder.folders("b") == []
    assert folder.names("a/1.json") == folder.folders("a/1.json") == []


def test_removing_forgets_a_content_and_can_be_done_twice(folder: Folder) -> None:
    folder.write("a/1.json", b"1")
    folder.remove("a/1.json")
    folder.remove("a/1.json")
    assert folder.read("a/1.json") is None
    assert folder.names("a") == []


def test_where_names_the_place_for_people(folder: Folder, location: str) -> None:
    assert folder.where("a/1.json") == f"{location}/a/1.json"


def test_a_lock_lets_its_holder_write(folder: Folder) -> None:
    with folder.lock("a"):
        folder.write("a/1.json", b"1")
    with folder.lock("a"):
        assert folder.read("a/1.json") == b"1"


def test_a_bucket_itself_may_be_the_place(bucket: str) -> None:
    folder = open_folder(f"s3://{bucket}")
    folder.write("a/1.json", b"1")
    assert folder.folders("") == ["a"]
    assert folder.names("a") == ["1.json"]


def test_the_mark_of_an_empty_folder_is_no_content(bucket: str) -> None:
    store = ObjectStore(f"s3://{bucket}/data")
    store.store.touch(f"{bucket}/data/a/")  # as the consoles of S3 make a folder
    assert store.names("a") == []


def test_a_bucket_that_is_not_there_is_told_of_when_it_is_written_to(bucket: str) -> None:
    folder = open_folder(f"s3://{bucket}-misspelled/data")
    assert folder.read("a/1.json") is None
    with pytest.raises(StorageError, match="bucket does not exist"):
        folder.write("a/1.json", b"1")


@pytest.mark.usefixtures("bucket", "new_connection")
def test_a_store_that_does_not_answer_is_told_of_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    folder = open_folder("s3://elsewhere/data")
    with pytest.raises(StorageError, match=r"^s3://elsewhere/data/a/1\.json: .*127\.0\.0\.1:9"):
        folder.write("a/1.json", b"1")
    with pytest.raises(StorageError, match="Could not connect"):
        folder.read("a/1.json")
    with pytest.raises(StorageError, match="Could not connect"):
        folder.names("a")


@pytest.mark.usefixtures("bucket", "new_connection")
def test_a_store_without_credentials_is_told_of_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(StorageError, match="credentials"):
        open_folder("s3://elsewhere/data").write("a/1.json", b"1")


def test_a_kind_of_store_that_nobody_knows_is_told_of() -> None:
    with pytest.raises(StorageError, match="Protocol not known: bucket"):
        open_folder("bucket://x/y")


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(StorageError, match=r"needs a driver.*pip install"):
        open_folder("gs://bucket/data")


def test_a_file_address_is_a_folder_with_all_its_care(tmp_path: Path) -> None:
    folder = open_folder(tmp_path.as_uri())
    with folder.lock("a"):
        folder.write("a/1.json", b"1")
    assert (tmp_path / "a" / "1.json").read_bytes() == b"1"
    assert not isinstance(folder, ObjectStore)
