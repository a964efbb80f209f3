"""Service files: `services/*.yaml` in, frozen models out.

The only reader of settings and of the environment. One module for each section of the file
(`health`, …) and `service` for the whole; `file` reads one file and `load` all of them; `schema`
and `sample` are made from the models, for editors and for people.
"""
