"""Looks after a self-hosted RAG/LLM HTTP service: sees its state, and says what to do."""
