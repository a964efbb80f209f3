"""Tests of `ops_pipelines`, in the shape of the package."""
