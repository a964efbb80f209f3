"""The demo RAG service: what it promises to those who try ops_pipelines on it."""
