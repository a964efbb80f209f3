"""The command line `ops-pipelines`: the core of every task without Dagster.

`main` knows the commands and nothing of them; each module here is one command, imported only when
it is asked for, with `add_arguments(parser)` and `run(session, options) -> exit code`.
"""
