"""Log analysis: files of log lines in, rollups and answers out, every line accounted for.

`sources` finds the files and `lines` cuts them; `plan` says what a line means, `records` reads one
by that (the law), `columns` reads thousands at once and hands what it does not know to the law.
`scan` reads a file into a `rollup`, which adds up: over files, days and processes. `summary` and
`compare` judge rollups; `detect` proposes a plan; `follow` reads what is being written.
"""
