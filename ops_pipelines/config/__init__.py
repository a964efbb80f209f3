"""A service's configuration: is it right, what changed in it, and is it kept?

`validate` judges one file in layers (text, environment, structure, sense, the team's own rules) and
returns a verdict; what it knows of RAG/LLM systems stands as data in `rules/`.
"""
