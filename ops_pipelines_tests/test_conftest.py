import pytest

from ops_pipelines_tests.conftest import need


def test_what_is_there_is_no_reason_to_skip() -> None:
    need("a chair", is_there="a chair")


def test_a_machine_that_lacks_something_skips_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="this needs a chair"):
        need("this needs a chair", is_there=None)


def test_in_ci_nothing_may_be_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="this needs a chair"):
        need("this needs a chair", is_there=False)
