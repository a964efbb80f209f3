"""Service files: `services/*.yaml` in, frozen models out.

The only reader of settings and of the environment. One module for each section of the file
(`health`, …), `service` for the whole, `load` to read it, `sample` to write one.
"""
