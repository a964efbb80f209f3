"""A small real RAG service to try everything on: documents, retrieval, a model, and its troubles.

It is a process of its own (`python -m ops_pipelines.demo serve`), reached over HTTP like any other
service; nothing else in the package knows it. Its models are stand-ins that need no network and
no graphics card; its documents, its search, its log, its configuration and its failures are real.
"""
