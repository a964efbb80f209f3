"""Talks to the Dagster webserver over its GraphQL API."""

from collections.abc import Mapping
from typing import Any

import httpx

from ops_pipelines.errors import OpsError

LOCATION = "ops_pipelines"

_LOCATION = """{ workspaceOrError { ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message } } } } } }"""
_LAUNCH = """mutation Launch($job: String!, $tags: [ExecutionTag!]!) {
    launchRun(executionParams: {
        selector: {repositoryLocationName: "ops_pipelines", repositoryName: "__repository__",
                   jobName: $job}
        executionMetadata: {tags: $tags}
    }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
         ... on PipelineNotFoundError { message }
         ... on RunConfigValidationInvalid { errors { message } } } }"""
_STATUS = "query Status($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"
_RELOAD = """mutation { reloadRepositoryLocation(repositoryLocationName: "ops_pipelines") {
    __typename } }"""


def is_loaded(address: str) -> bool:
    """Whether the webserver answers and knows the code location.

    Raises:
        OpsError: the code location cannot be loaded.
    """
    try:
        entries = _ask(address, _LOCATION)["workspaceOrError"].get("locationEntries", [])
    except httpx.HTTPError:
        return False
    for entry in entries:
        found = entry["locationOrLoadError"]
        if found and found["__typename"] == "PythonError":
            raise OpsError("up.location_broken", detail=found["message"].strip())
        if entry["loadStatus"] == "LOADED" and found:
            return True
    return False


def launch(address: str, job: str, tags: Mapping[str, str]) -> str:
    """Launch a job; the id of its run.

    Raises:
        OpsError: Dagster did not launch it.
    """
    variables = {"job": job, "tags": [{"key": k, "value": v} for k, v in tags.items()]}
    answer = _ask(address, _LAUNCH, variables)["launchRun"]
    if "run" not in answer:
        detail = answer.get("message") or answer.get("errors") or answer["__typename"]
        raise OpsError("up.not_launched", job=job, detail=str(detail))
    run_id: str = answer["run"]["runId"]
    return run_id


def run_status(address: str, run_id: str) -> str:
    """A run's status in Dagster's words, such as `STARTED`, `SUCCESS` or `FAILURE`."""
    status: str = _ask(address, _STATUS, {"run": run_id})["runOrError"]["status"]
    return status


def reload(address: str) -> bool:
    """Have the webserver ask the code server what there is now; whether it got an answer."""
    try:
        answer = _ask(address, _RELOAD)["reloadRepositoryLocation"]
    except httpx.HTTPError:
        return False
    return answer["__typename"] == "WorkspaceLocationEntry" and is_loaded(address)


def _ask(address: str, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    response = httpx.post(
        f"{address}/graphql",
        json={"query": query, "variables": variables or {}},
        timeout=30,
        trust_env=False,
    )
    response.raise_for_status()
    data: dict[str, Any] = response.json()["data"]
    return data
