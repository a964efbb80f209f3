"""Tests of `ops_pipelines/config`, on the configurations of real projects (`valid/`)."""
