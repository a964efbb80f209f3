from ops_pipelines.errors import InputError, OpsError, SettingsError, StorageError
from ops_pipelines.language import speaking
from ops_pipelines.redaction import learn
from ops_pipelines.report import Problem


def test_an_error_reads_as_a_sentence_with_its_facts() -> None:
    error = StorageError("storage.failed", where="/data/x.json", detail="No space left on device")
    assert str(error).startswith("/data/x.json: No space left on device; nothing was replaced.")
    assert error.code == "storage.failed"
    assert error.facts == {"where": "/data/x.json", "detail": "No space left on device"}


def test_every_error_of_ours_is_one_that_the_operator_can_do_something_about() -> None:
    for kind in (SettingsError, InputError, StorageError):
        assert issubclass(kind, OpsError)


def test_settings_that_are_broken_list_every_problem_with_its_place() -> None:
    error = SettingsError(
        "services/rag.yaml",
        [
            Problem("settings.missing", "services/rag.yaml", 1, 1, "name"),
            Problem("yaml.own_tail", "services/rag.yaml", 7, 3, "health"),
        ],
    )
    assert str(error).splitlines() == [
        "services/rag.yaml: 2 problem(s) keep this service from being used",
        "services/rag.yaml:1:1: name is missing → Add it; it has no default.",
        "services/rag.yaml:7:3: an anchor contains itself",
    ]


def test_an_error_masks_secrets_even_those_learned_after_it_was_raised() -> None:
    error = InputError("file.unreadable", file="/data", detail="no key sk-canary-1234 here")
    assert "sk-canary-1234" in str(error)
    learn("sk-canary-1234")
    assert str(error).startswith("/data cannot be read: no key *** here")


def test_an_error_is_told_in_the_language_of_the_one_who_reads_it() -> None:
    error = InputError("storage.bad_name", name="../x")
    with speaking("zh"):
        assert "../x" in str(error)
    assert str(error) == "../x is no name of an output or a partition"


def test_braces_in_a_fact_are_only_text() -> None:
    error = InputError("storage.bad_name", name="{name} {0} {")
    assert str(error).startswith("{name} {0} { is no name")
