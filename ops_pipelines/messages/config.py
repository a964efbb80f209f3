"""Texts about a service's configuration: what is wrong in it, and what to do."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

TEXTS = {
    "config.no_file": Text(
        N_(
            "no configuration is named: give FILE, or write config: {{validate: …}} in the service "
            "file"
        )
    ),
}
