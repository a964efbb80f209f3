"""Valid configurations of real projects: nothing is said of them that is not true."""

from collections import Counter
from pathlib import Path

import pytest

from ops_pipelines.config.validate import validate
from ops_pipelines_tests.config.corpus import Valid, alarms, corpus, variants

VALID = corpus()


@pytest.mark.parametrize("valid", VALID, ids=lambda valid: valid.name)
def test_a_valid_configuration_raises_no_false_alarm(tmp_path: Path, valid: Valid) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(valid.text, "utf-8")

    verdict = validate(file, None, valid.environment)

    assert verdict.valid
    found = [(problem.line, problem.code) for problem in alarms(verdict.problems)]
    assert found == valid.true_findings


@pytest.mark.parametrize("valid", VALID, ids=lambda valid: valid.name)
def test_nor_does_it_when_somebody_else_wrote_it_down(tmp_path: Path, valid: Valid) -> None:
    for name, text in variants(valid.text).items():
        file = tmp_path / "config.yaml"
        file.write_bytes(text.encode())

        verdict = validate(file, None, valid.environment)

        assert verdict.valid, name
        codes = Counter(problem.code for problem in alarms(verdict.problems))
        assert codes == valid.true_codes, name


def test_they_are_of_many_projects_and_may_be_kept_here() -> None:
    projects = {"/".join(valid.source.split("/")[3:5]) for valid in VALID}

    assert len(projects) >= 8
    assert {valid.licence for valid in VALID} <= {"Apache-2.0", "MIT"}
    kept = {path.stem for path in (Path(__file__).parent / "valid").iterdir()}
    assert kept == {valid.name for valid in VALID}
