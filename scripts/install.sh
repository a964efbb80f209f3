#!/bin/sh
# Creates .venv where it is missing, installs the locked dependencies (the file named by $1, by
# hash) and this package. Says in one sentence what to do when the machine lacks something.
set -eu

stop() { echo "make install: $1" >&2; exit 2; }

find_python() {
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    stop "Python 3.11 or later is needed and none was found; install it (apt install python3 python3-venv) or name it with PYTHON=/path/to/python make install"
}

create_venv() {
    find_python
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        stop "$python lacks the venv module; install it: apt install python3-venv"
    free_kib=$(df -Pk . | awk 'NR == 2 { print $4 }')
    [ "$free_kib" -gt 1048576 ] ||
        stop "only $((free_kib / 1024)) MiB are free here and 1024 MiB are needed; make room, then run it again"
    echo "creating .venv with $("$python" --version)"
    "$python" -m venv .venv
}

# uv installs in a second what takes pip half a minute; it has no wheel for every machine, and it
# does not read pip's settings, so it is told the index and pip does the work where uv fails.
install_locked() {
    uv_lock=$(mktemp)
    trap 'rm -f "$uv_lock"' EXIT
    awk '/^[a-z]/ { keep = /^uv==/ } keep' requirements.lock > "$uv_lock"
    export PIP_DISABLE_PIP_VERSION_CHECK=1
    if .venv/bin/python -m pip install --quiet --only-binary :all: --require-hashes -r "$uv_lock"; then
        index=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
        UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-${index:-https://pypi.org/simple}} VIRTUAL_ENV="$PWD/.venv" \
            .venv/bin/uv pip install --require-hashes -r "$1" && return
        echo "uv could not install; pip tries" >&2
    fi
    .venv/bin/python -m pip install --require-hashes -r "$1" ||
        stop "the packages of $1 could not be installed; the lines above say why (often: no network, or no package index in pip's settings)"
}

[ -x .venv/bin/python ] || create_venv
install_locked "$1"
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e . ||
    stop "this package could not be installed into .venv; remove .venv and run it again"
