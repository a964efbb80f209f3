#!/bin/sh
# Renews the message catalogs from the source: a new text waits in the .po file for its translation,
# one that is gone goes, and the .mo file that the program reads is compiled. Run it, translate what
# it lists, and run it again. Without any change in the source it changes nothing.
set -eu

catalogs=ops_pipelines/locale
po=$catalogs/zh/LC_MESSAGES/ops_pipelines.po
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT

.venv/bin/pybabel --quiet extract --keywords='N_ NN_:1,2' --no-location --sort-output \
    --output-file="$pot" ops_pipelines
.venv/bin/pybabel --quiet update --domain=ops_pipelines --locale=zh --input-file="$pot" \
    --output-dir="$catalogs" --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
    --width=100
.venv/bin/pybabel --quiet compile --domain=ops_pipelines --directory="$catalogs"

.venv/bin/python - "$po" <<'END'
import sys
from pathlib import Path

from babel.messages.pofile import read_po

with Path(sys.argv[1]).open("rb") as file:
    waiting = [message.id for message in read_po(file) if message.id and not message.string]
for text in waiting:
    print(f"not translated yet: {text}")
print(f"{len(waiting)} texts wait in {sys.argv[1]}")
END
