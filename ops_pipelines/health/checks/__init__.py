"""The kinds of check: one module each, which looks at the world and has its answer judged."""
