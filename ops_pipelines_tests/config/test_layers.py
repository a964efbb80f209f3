"""What each layer tells, and where: « stands where the problem is expected."""

from pathlib import Path
from typing import NamedTuple

import pytest

from ops_pipelines.config.validate import validate
from ops_pipelines.errors import InputError
from ops_pipelines.report import Problem, Severity
from ops_pipelines.settings.config import Config
from ops_pipelines_tests.config.corpus import alarms
from ops_pipelines_tests.settings.files import marked


def told(folder: Path, text: str, settings: Config | None = None) -> tuple[Problem, ...]:
    """What is said of `text` as a configuration; without variables, without .env."""
    file = folder / "config.yaml"
    file.write_text(text, "utf-8", newline="")
    return validate(file, settings, {}).problems


class Row(NamedTuple):
    text: str
    code: str
    severity: str = "critical"


TEXT = [
    Row("a: 1\n«a: 2", "yaml.duplicate_key"),
    Row("a:\n«\tb: 1", "yaml.tab"),
    Row("a:\n  b: 1\n«\tc: 1\n  d: 1", "yaml.tab"),
    Row("a: «'x", "yaml.unclosed"),
    Row('a: «"x\nb: "y"', "yaml.unclosed"),
    Row("a: [1, «2\nb: 3", "yaml.unclosed"),
    Row("llm«：\n  model: x", "config.full_width_colon"),
    Row("llm:\n  model«：x\n  top_k: 1", "config.full_width_colon"),
    Row("llm:\n  «database:x", "config.colon_without_space"),
    Row("llm:\n  model«:x\n  top_k: 1", "config.colon_without_space"),
    Row("a: «!!python/object/apply:os.system [id]", "yaml.tag"),
    Row("a: «&a [*a]", "yaml.own_tail"),
    Row("a: «*b", "yaml.undefined_alias"),
    Row("a: 1\n«---\nb: 2", "yaml.several_documents"),
    Row("a: 'x«\x07'", "yaml.control_character"),
    Row("«{{ if .x }}\na: 1\n{{ end }}", "config.template"),
    Row("«- a\n- b", "config.no_mapping"),
    Row("«# nothing", "config.empty"),
    Row("a: «2001-99-99", "config.unreadable_value"),
    Row("«\t", "yaml.tab"),
]
SURPRISES = [
    Row("languages: [en, «no, fr]", "config.read_as_flag", "warning"),
    Row("language: «no", "config.read_as_flag", "warning"),
    Row("api_version: «2024-02-01", "config.read_as_date", "warning"),
    Row("at: «12:30", "config.read_as_base_60", "warning"),
    Row("mode: «0644", "config.read_as_octal", "warning"),
    Row("python_version: «3.10", "config.version_as_number", "warning"),
    Row("learning_rate: «1e-5", "config.number_read_as_text", "warning"),
    Row("llm: {top_k: «08}", "config.number_read_as_text", "warning"),
    Row("name: «“rag”", "config.curly_quotes", "warning"),
    Row("a: 1\n«on: 1", "config.key_not_text", "warning"),
    Row("«api\u200b: 1", "config.invisible", "warning"),
    Row("enabled: «'false'", "config.flag_as_text", "warning"),
    Row("port: «'8000'", "config.number_as_text", "info"),
]
ENVIRONMENT = [
    Row("a: «${X}", "config.unknown_variable", "warning"),
    Row("a: «'text ${X} text'", "config.unknown_variable", "warning"),
    Row("a: «os.environ/X", "config.unknown_variable", "warning"),
    Row("a: «${X:?say it}", "config.unknown_variable", "warning"),
    Row("a: «${env.X}", "config.unknown_variable", "warning"),
    Row("a: «${whole}", "config.unknown_variable", "warning"),
    Row("port: «${X:eight}", "config.variable_wrong"),
    Row("port: «${X:-99999}", "config.variable_wrong"),
    Row("a: 1\n# b: «${X}", "config.unset_in_comment", "info"),
]
STRUCTURE = [
    Row("llm: {«modle: x}", "config.unknown_key", "warning"),
    Row("«embedings: {model: x}", "config.unknown_key", "warning"),
    Row("a: {«chunkSzie: 1}", "config.unknown_key", "warning"),
    Row("redis: {«redis_prot: 1}", "config.unknown_key", "warning"),
    Row("api: {port: «70000}", "config.out_of_range"),
    Row("llm: {temperature: «[0.1, 1.0]}", "config.wrong_value"),
    Row("embeddings: {dimension: «99999999}", "config.out_of_range"),
    Row("requests_per_minute: «sixty", "config.wrong_value"),
    Row("llm: {temperature: «3}", "config.out_of_range"),
    Row("llm: {topP: «1.5}", "config.out_of_range"),
    Row("llm: {module_type: x, temperature: [0.5, «2.5]}", "config.out_of_range"),
    Row("llm: {temperature: «.nan}", "config.out_of_range"),
    Row("splitter: {chunk_size: «0}", "config.out_of_range"),
    Row("api: {port: «http}", "config.wrong_value"),
    Row("llm: {max_tokens: «many}", "config.wrong_value"),
    Row("llm: {timeout: «soon}", "config.wrong_value"),
    Row("log_level: «LOUD", "config.wrong_value"),
    Row("cache: {enabled: «perhaps}", "config.wrong_value"),
    Row("llm: {model: «5}", "config.wrong_value"),
    Row("model_list:\n- «model_name: x", "config.missing_key"),
    Row("components: {«a: {x: 1}}\nconnections: []", "config.missing_key"),
    Row("vector_store: {«chroma_db_impl: duckdb}", "config.legacy_key", "warning"),
]


@pytest.mark.parametrize(
    "row", [*TEXT, *SURPRISES, *ENVIRONMENT, *STRUCTURE], ids=lambda row: f"{row.code}-{row.text}"
)
def test_it_is_told_where_it_stands(tmp_path: Path, row: Row) -> None:
    text, [place] = marked(row.text)

    found = told(tmp_path, text)

    here = [p for p in found if p.code == row.code]
    assert [(p.line, p.column) for p in here] == [place]
    assert here[0].severity == row.severity
    assert here[0].message
    # What is wrong is told once, in one way.
    assert [p.code for p in alarms(found) if p.line == here[0].line] in ([row.code], [])


@pytest.mark.parametrize(
    "text",
    [
        "llm: {timeout: 30s}\ncache: {ttl: 1h, max_size: 100MB}",
        "llm: {timeout: {connect: 5, read: 30}, stop: [a]}",
        "temperature: ${T:0.7}\nstream: ${S:-true}\nport: ${P:=80}\na: ${A:+x}",
        "prompt: 'Answer ${question} from ${context}. $${NOT} {here}'",
        "enabled: yes\nlanguages: [en, zh]\nat: '12:30'\nschedule: 0 3 * * *",
        "tools: {properties: {temperature: {type: number, description: hot}}}",
        "hosts: [redis:6379, 'db:5432']\nuri: infinity:23817",
        "a: !ENV ${X:1}\nb: !include other.yaml\nc: !custom {d: 1}",
        "llm: openai\nembeddings: true\ncache: false\nport: null\nmodel:",
        "rate: 0.1\nthreshold: 1.0e-5\nversion: '3.10'",
        "model: ''\napi_key: ''\nbase_url: null",
        "envVars: {LLM_PORT: '8000', TRACING_ENABLED: 'true'}",
        "# a: {{ b }}\nc: '{{ d }}'",
        "labels: {port: http}\ntools: {input_schema: {temperature: hot, modle: x}}",
        "llm: {model: x, modl: y}",
        "tenants: {a: {llm: {timeout: 60}, api: {timeout: 30}}}",
        "top_k: $top_k\nport: <PORT>",
        "day: 07\nkey: x",
    ],
)
def test_what_others_write_is_right(tmp_path: Path, text: str) -> None:
    assert alarms(told(tmp_path, text)) == []


def test_all_is_told_in_one_go(tmp_path: Path) -> None:
    text = "a: b: c\nllm:\n  temperature: 9\n  modle: x\n\tport: 1\nb: 'x\nc: 1\nc: 2"

    found = {(p.line, p.code) for p in told(tmp_path, text)}

    assert found >= {
        (1, "yaml.colon"),
        (3, "config.out_of_range"),
        (4, "config.unknown_key"),
        (5, "yaml.tab"),
        (6, "yaml.unclosed"),
    }


def test_where_lines_were_left_out_nothing_is_called_missing(tmp_path: Path) -> None:
    text = "model_list:\n- litellm_params: {model: x}\n  model_name: a: b\n"

    assert [p.code for p in told(tmp_path, text)] == ["yaml.colon"]
    text = "llm:\n  provider: openai\n  model: a: b\n"
    assert [p.code for p in told(tmp_path, text)] == ["yaml.colon"]


@pytest.mark.parametrize(
    "text",
    [
        "cache:\n\t\ttype: a\n    b: c\n    d: e\n",
        "a:\n    b:\n        c: 1\n\t\td: 1\n    e: 1\n",
        "a:\n- b: 1\n\tc: 1\n- b: 2\n",
        "a:\n  - b: 1\n    c: 1\n\t- b: 2\n    c: 2\n",
    ],
)
def test_a_tab_is_told_and_no_line_after_it_is_blamed(tmp_path: Path, text: str) -> None:
    line = text[: text.index("\t")].count("\n") + 1

    assert [(p.line, p.code) for p in told(tmp_path, text)] == [(line, "yaml.tab")]


def test_reading_goes_on_behind_a_colon_that_was_none(tmp_path: Path) -> None:
    for colon, code in (("：", "config.full_width_colon"), (":", "config.colon_without_space")):
        found = told(tmp_path, f"llm:\n  temperature{colon}9\n  top_k: 1\n")

        assert {p.code for p in found} == {code, "config.out_of_range"}


def test_the_first_name_of_a_thing_has_the_last_word(tmp_path: Path) -> None:
    text = "llm: {request_timeout: 99, timeout: 5, timeout_seconds: 99, connect_timeout: 50}"

    assert [p.code for p in told(tmp_path, text)] == ["config.connect_timeout"]


def test_a_reader_of_yaml_1_2_is_surprised_by_other_things(tmp_path: Path) -> None:
    text = "language: no\nat: 12:30\nmode: 0644\nrate: 1e-5\nenabled: yes"

    found = told(tmp_path, text, Config(yaml_version="1.2"))

    assert [(p.line, p.code) for p in found] == [(5, "config.flag_as_text")]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("a: 1\n中文: 是\n".encode("gb18030"), "config.other_encoding", (2, 1)),
        ("a: 1\n".encode("utf-16"), "config.other_encoding", (1, 1)),
        (b"a: 1\nb: \xff\xfe\xff", "file.not_utf8", (2, 4)),
        (b"a: " + b"x" * 1_048_576, "file.too_large", (1, 1)),
    ],
)
def test_bytes_that_are_no_text(
    tmp_path: Path, content: bytes, code: str, place: tuple[int, int]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(content)

    [problem] = validate(file, None, {}).problems

    assert (problem.code, (problem.line, problem.column)) == (code, place)
    assert problem.severity is Severity.CRITICAL


def test_anchors_that_explode_are_stopped(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, below in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]\n"

    assert "yaml.too_many_nodes" in {p.code for p in told(tmp_path, bomb)}


@pytest.mark.parametrize(
    ("unknown_keys", "severities"),
    [("warning", ["warning"]), ("critical", ["critical", "critical"]), ("ignore", [])],
)
def test_how_much_unknown_keys_matter_is_a_setting(
    tmp_path: Path, unknown_keys: str, severities: list[str]
) -> None:
    settings = Config.model_validate({"unknown_keys": unknown_keys})

    found = told(tmp_path, "llm: {modle: x, our_own_setting: 1}", settings)

    assert [str(p.severity) for p in found] == severities


# What real files hold beside the words that a rule is about.
@pytest.mark.parametrize(
    "text",
    [
        "timeouts: {llm: 60, embeddings: 30, database: 5}",
        "limits: {api: 100}",
        "rag: {weights: {search: 0.7, cache: 0.3}}",
        "logging: {handlers: {console: {stream: ext://sys.stdout}}}",
        "tenants_with_transactions_enabled: [default_tenant]",
        "service: {targetPort: http}",
        "score_threshold: 2.0",
        "app: {version: 1.0}",
        "secret_arn: !Sub arn:aws:secretsmanager:x",
        "paths: {/models: {get: {}}, /search: {}}",
        "speech: {tts: {voice: x}, stt: {}}",
        "models: [{defaultToken: 512}]",
        "modules: [{module_type: x, top_k: [3, 5], temperature: [0.1, 1.0]}]",
    ],
)
def test_no_alarm_where_words_are_used_otherwise(tmp_path: Path, text: str) -> None:
    assert [(p.code, p.path) for p in told(tmp_path, text)] == []


@pytest.mark.parametrize("text", ["llm: «17", "rag: {llm: «17}", "a: {llm: «17, cache: {ttl: 1}}"])
def test_a_number_where_a_whole_section_belongs_is_told(tmp_path: Path, text: str) -> None:
    text, [place] = marked(text)

    found = told(tmp_path, text)

    assert [((p.line, p.column), p.code) for p in found] == [(place, "config.wrong_value")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('{\n\t"llm": {\n\t\t"timeout": 1e3, "url": "http:\\/\\/x"\n\t}\n}', []),
        ('{"llm": {"timeout": 1},}', ["config.json"]),
        ('{\n// a comment\n"llm": 1}', ["config.json"]),
        ('{"port": 70000}', ["config.out_of_range"]),
        ('{"a": 1, "a": 2}', ["yaml.duplicate_key"]),
        ("", ["config.empty"]),
    ],
)
def test_a_json_file_is_read_as_json(tmp_path: Path, text: str, codes: list[str]) -> None:
    file = tmp_path / "config.json"
    file.write_text(text, "utf-8")

    assert [p.code for p in validate(file, None, {}).problems] == codes


def test_of_another_format_only_the_services_own_validator_speaks(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[llm]\n", "utf-8")
    own = Config.model_validate({"validator": {"command": ["false"]}})

    assert [p.code for p in validate(file, own, {}).problems] == ["config.validator_refuses"]
    with pytest.raises(InputError, match=r"a \.toml file"):
        validate(file, None, {})


@pytest.mark.parametrize(
    "text", ["password: 847294615", "password: 0847_2946", "db_password: 1:30"]
)
def test_a_secret_that_is_a_number_is_not_shown_either(tmp_path: Path, text: str) -> None:
    found = told(tmp_path, text)

    assert "config.secret_in_clear" in {p.code for p in found}
    for shown in ("847294615", "8472946", "90"):
        assert shown not in "".join(map(str, found))


# --- .env ---


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("A=1\nB\n", "config.env_no_value", 2),
        ("A=1\n\n# x\nA=2\n", "config.env_twice", 4),
        ("A=1\n\n\nA=2\n", "config.env_twice", 4),
        ("A=1\nB = 2\n", "config.env_spaces", 2),
        ("A=1\nB='x\n", "config.env_syntax", 2),
        ("A=1\n2B=x\n", "config.env_syntax", 2),
        ("A=1\nUNUSED=2\n", "config.env_unused", 2),
        ("A=1\nLLM_API_KEY=your-api-key-here\n", "config.placeholder", 2),
    ],
)
def test_the_env_file_beside_is_judged_too(tmp_path: Path, text: str, code: str, line: int) -> None:
    (tmp_path / ".env").write_text(text)

    found = [p for p in told(tmp_path, "a: ${A}") if p.file.endswith(".env")]

    assert (code, line) in [(p.code, p.line) for p in found]


def test_variables_come_from_the_env_file_and_what_it_lacks_is_critical(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export PORT=8000\nNAME='x y'\n")

    found = told(tmp_path, "port: ${PORT}\nname: ${NAME}\nkey: ${OTHER}")

    assert [(p.line, p.code, p.severity) for p in found] == [
        (3, "config.unset_variable", Severity.CRITICAL)
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("port: ${EMPTY:-8000}", []),
        ("port: ${EMPTY:-eight}", ["config.variable_wrong"]),
        ("key: ${EMPTY}", []),
        ("port: ${SET:-eight}", []),
        ("port: ${A,SET:eight}", []),
        ("port: ${A:-${SET}}", []),
        ("port: ${A:-${B}}", ["config.unknown_variable"]),
    ],
)
def test_a_default_stands_for_what_is_unset_or_empty(
    tmp_path: Path, text: str, codes: list[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)

    found = validate(file, None, {"EMPTY": "", "SET": "1"}).problems

    assert [problem.code for problem in found] == codes


def test_an_env_file_can_be_validated_by_itself(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nA=2\n")

    verdict = validate(file, None, {})

    assert [p.code for p in verdict.problems] == ["config.env_twice"]
    assert verdict.valid
