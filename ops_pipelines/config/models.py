"""Facts about models and providers (`rules/models.yaml`)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from ops_pipelines.config.vocabulary import load


def model_row(here: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is known of the model that `here` names.

    Of one that a third party serves (`azure/…`) it is only what is true everywhere.
    """
    written = next(
        (here[key] for key in ("model", "embedding_model") if isinstance(here.get(key), str)), None
    )
    if written is None:
        return None
    prefix, _, name = written.strip().lower().rpartition("/")
    name = name.partition(":")[0]
    row = _named(name)
    if row is None:
        return None
    is_elsewhere = prefix and provider_of(prefix) is None
    if is_elsewhere:
        row = {key: value for key, value in row.items() if key not in ("retired", "maker")}
    return row


def provider_row(here: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is known of the provider that `here` names."""
    written = here.get("provider")
    return provider_of(written) if isinstance(written, str) else None


def provider_of(name: str) -> dict[str, Any] | None:
    """What is known of the provider called `name`."""
    for row in _facts()["providers"]:
        if name.strip().lower() in row["names"]:
            return dict(row)
    return None


def _named(name: str) -> dict[str, Any] | None:
    """The row of a model, with its `name` as the row has it; a full name comes before a beginning.

    What else the file says of the name stays there: messages show words of our own tables only.
    """
    rows = _facts()["models"]
    exact = ({**row, "name": name} for row in rows if name in row.get("names", ()))
    begun = (
        {**row, "name": f"{begin}…"}
        for row in rows
        for begin in row.get("begins", ())
        if name.startswith(begin)
    )
    return next(exact, None) or next(begun, None)


@cache
def _facts() -> Any:
    return load("models.yaml")
