#!/bin/sh
# Resolves the dependencies into the two lock files: with hashes, without any index address, good
# for Python 3.11 and later. requirements-dev.lock keeps the versions of requirements.lock.
set -eu

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-strip-extras --no-header "$@"
}

compile pyproject.toml --group build --output-file requirements.lock
compile pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
