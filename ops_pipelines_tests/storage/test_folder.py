import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops_pipelines.errors import StorageError
from ops_pipelines.storage.folder import LocalFolder
from ops_pipelines.storage.places import open_folder
from ops_pipelines_tests.conftest import as_ordinary_user


@pytest.fixture
def foreign() -> Iterator[Path]:
    """A folder that everybody may look into, and only its owner may change."""
    with tempfile.TemporaryDirectory() as name:
        foreign = Path(name)
        (foreign / "a").mkdir()
        (foreign / "a" / "1.json").write_bytes(b"1")
        for path in (foreign, foreign / "a"):
            path.chmod(0o555)
        yield foreign
        for path in (foreign, foreign / "a"):
            path.chmod(0o755)


def asides(root: Path) -> list[Path]:
    return list(root.rglob("*.aside"))


def test_the_first_write_makes_the_folders_that_it_needs(tmp_path: Path) -> None:
    LocalFolder(tmp_path / "new" / "data").write("a/day/versions/1.json", b"1")
    assert (tmp_path / "new" / "data" / "a" / "day" / "versions" / "1.json").read_bytes() == b"1"


def test_a_write_leaves_nothing_beside_it(tmp_path: Path) -> None:
    LocalFolder(tmp_path).write("a/day/versions/1.json", b"1")
    files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert files == ["1.json"]


def test_a_reader_that_has_opened_a_content_reads_it_to_its_end(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    folder.write("a/1.json", b"earlier")
    with (tmp_path / "a" / "1.json").open("rb") as opened:
        folder.write("a/1.json", b"later")
        assert opened.read() == b"earlier"


def test_what_killed_writers_left_is_cleared_away_by_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".1.json.0f0f0f0f.aside").write_bytes(b"hal")
    (tmp_path / "a" / ".somebody-else").write_bytes(b"")
    folder = LocalFolder(tmp_path)
    assert folder.names("a") == []
    with folder.lock("a"):
        assert asides(tmp_path) == []
    assert (tmp_path / "a" / ".somebody-else").exists()


def test_a_lock_is_one_for_threads_too(tmp_path: Path) -> None:
    folder, order = LocalFolder(tmp_path), []
    waiting = threading.Event()

    def second() -> None:
        waiting.set()
        with folder.lock("a"):
            order.append("second")

    with folder.lock("a"):
        thread = threading.Thread(target=second)
        thread.start()
        waiting.wait()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_lock_ends_with_its_holder_however_that_ends(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    program = (
        "import os, signal, sys; from pathlib import Path;"
        "from ops_pipelines.storage.folder import LocalFolder;"
        "lock = LocalFolder(Path(sys.argv[1])).lock('a'); lock.__enter__();"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert killed.returncode == -9
    with folder.lock("a"):
        pass


def test_locks_of_two_assets_do_not_meet(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    with folder.lock("a"), folder.lock("b"):
        folder.write("a/1.json", b"1")


def test_a_data_dir_that_is_a_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    folder = open_folder(str(tmp_path / "data"))
    assert folder.read("a/1.json") is None
    assert folder.names("a") == []
    with pytest.raises(StorageError, match=r"data/a/1\.json: (Not a directory|File exists)"):
        folder.write("a/1.json", b"1")
    with (
        pytest.raises(StorageError, match=r"data/a: (Not a directory|File exists)"),
        folder.lock("a"),
    ):
        pass


def test_a_folder_in_the_place_of_a_content_is_told_of(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    (tmp_path / "a" / "1.json").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"a/1\.json: Is a directory"):
        folder.read("a/1.json")
    with pytest.raises(StorageError, match=r"a/1\.json: Is a directory"):
        folder.write("a/1.json", b"1")
    with pytest.raises(StorageError, match=r"a/1\.json: "):
        folder.remove("a/1.json")
    assert asides(tmp_path) == []


def test_a_read_only_folder_is_read_and_told_of_when_it_is_written_to(foreign: Path) -> None:
    folder = LocalFolder(foreign)
    deeds: list[Callable[[], object]] = [
        lambda: folder.write("a/1.json", b"2"),
        lambda: folder.write("b/1.json", b"2"),
        lambda: folder.remove("a/1.json"),
        lambda: folder.lock("a").__enter__(),
        lambda: folder.lock("b").__enter__(),
    ]
    with as_ordinary_user():
        assert folder.read("a/1.json") == b"1"
        assert folder.names("a") == ["1.json"]
        for deed in deeds:
            with pytest.raises(StorageError, match=r"Permission denied; nothing was replaced"):
                deed()
    assert folder.read("a/1.json") == b"1"


def test_a_folder_that_may_not_be_looked_into_is_no_empty_one(foreign: Path) -> None:
    (foreign / "a").chmod(0o000)
    folder = LocalFolder(foreign)
    deeds: list[Callable[[], object]] = [
        lambda: folder.names("a"),
        lambda: folder.folders("a"),
        lambda: folder.read("a/1.json"),
    ]
    with as_ordinary_user():
        for deed in deeds:
            with pytest.raises(StorageError, match="Permission denied"):
                deed()


def test_a_full_disk_keeps_what_was_there(small_disk: Path) -> None:
    folder = LocalFolder(small_disk)
    folder.write("a/1.json", b"earlier")
    with pytest.raises(StorageError, match=r"a/1\.json: No space left on device"):
        folder.write("a/1.json", b"x" * 100_000)
    assert folder.read("a/1.json") == b"earlier"
    assert asides(small_disk) == []


def test_a_disk_that_is_mounted_read_only_is_told_of(small_disk: Path) -> None:
    folder = LocalFolder(small_disk)
    folder.write("a/1.json", b"1")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert folder.read("a/1.json") == b"1"
    with pytest.raises(StorageError, match="Read-only file system"):
        folder.write("a/1.json", b"2")
    with pytest.raises(StorageError, match="Read-only file system"), folder.lock("b"):
        pass
