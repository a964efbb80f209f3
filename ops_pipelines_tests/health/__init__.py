"""Tests of `ops_pipelines/health`, against a real server that misbehaves (`bad_server`)."""
