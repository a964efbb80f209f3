"""The Dagster shell: assets, asset checks, jobs, schedules and sensors around each task's core.

Bodies only connect: read, call the core, report. One module a task; `days` runs many days in one
run, `events` turns what the core says into metadata and asset checks.
"""
