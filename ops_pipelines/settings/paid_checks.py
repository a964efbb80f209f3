"""Checks that cost money, `openai` and `rag`: calls of a model, bounded by a budget."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, model_validator
from pydantic_core import PydanticCustomError

from ops_pipelines.language import N_
from ops_pipelines.settings.check import Check, CheckUrl, Headers
from ops_pipelines.settings.section import JmesPath, NoFlag, Whole, together, wrong

CallsPerDay = Annotated[int, Field(ge=0, le=86_400), NoFlag]


class PaidCheck(Check):
    """What checks have that cost money: calls of a model, bounded by a budget."""

    headers: Headers = Field(
        default_factory=dict,
        description=N_("request headers"),
        examples=[{"Authorization": "Bearer ${MODEL_API_KEY}"}],
    )


class OpenAiCheck(PaidCheck):
    """An OpenAI-compatible API: the port, the model list, a small completion, an embedding."""

    SAMPLE: ClassVar = {"name": "model"}

    kind: Literal["openai"] = Field(description=N_("an OpenAI-compatible API, layer by layer"))
    url: CheckUrl = Field(
        "/v1", description=N_("where the API begins; relative to base_url, or absolute")
    )
    model: str | None = Field(
        None, description=N_("must be listed, and complete a short text"), examples=["qwen3"]
    )
    embedding_model: str | None = Field(
        None, description=N_("must be listed, and embed a short text"), examples=["bge-m3"]
    )
    dimension: Whole | None = Field(
        None, ge=1, description=N_("the length that an embedding must have"), examples=[1024]
    )
    calls_per_day: CallsPerDay = Field(48, description=N_("paid calls, all in all; 0 for none"))

    @model_validator(mode="wrap")
    @classmethod
    def _is_consistent(cls, data: Any, read: ValidatorFunctionWrapHandler) -> Any:
        return together(data, read, _broken_rules(data) if isinstance(data, dict) else ())

    @property
    def calls_per_probe(self) -> int:
        """Paid calls that one probe makes."""
        return (self.model is not None) + (self.embedding_model is not None)


def _broken_rules(check: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
    """What is wrong between the fields of an OpenAI check."""
    calls = check.get("calls_per_day")
    needed = sum(check.get(model) is not None for model in ("model", "embedding_model"))
    if isinstance(calls, int) and 0 < calls < needed:
        yield wrong("settings.too_few_calls", ("calls_per_day",), found=calls, needed=needed)


class RagCheck(PaidCheck):
    """A known question whose answer, and whose sources, must be right."""

    SAMPLE: ClassVar = {"name": "answers"}

    kind: Literal["rag"] = Field(description=N_("a known question to the RAG service"))
    url: CheckUrl = Field(
        description=N_("relative to base_url, or absolute"), examples=["/api/query"]
    )
    body: dict[str, Any] = Field(
        description=N_("the JSON body that asks"),
        examples=[{"question": "What is the refund period?"}],
    )
    answer: JmesPath = Field("answer", description=N_("JMESPath to the answer's text"))
    expect: str | None = Field(
        None, description=N_("text that the answer must hold, in any case"), examples=["30 days"]
    )
    sources: JmesPath | None = Field(
        None, description=N_("JMESPath to the sources"), examples=["sources[].title"]
    )
    expect_source: str | None = Field(
        None, description=N_("text that a source must hold, in any case"), examples=["Refunds"]
    )
    holds: JmesPath | None = Field(
        None,
        description=N_("JMESPath over the whole answer that must be true"),
        examples=["length(sources) > `0`"],
    )
    calls_per_day: CallsPerDay = Field(24, description=N_("calls, all in all; 0 for none"))

    @property
    def calls_per_probe(self) -> int:
        """Paid calls that one probe makes."""
        return 1
