"""Texts about files that people write: reading them, and the YAML in them."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

TEXTS = {
    "file.missing": Text(
        N_("{file}: there is no such file or folder"),
        N_("Check the path, or create it."),
    ),
    "file.unreadable": Text(
        N_("{file} cannot be read: {detail}"),
        N_("Check who owns it and what its mode is (ls -l)."),
    ),
    "file.not_utf8": Text(
        N_("the file is not UTF-8 text (byte {offset})"),
        N_("Save it as UTF-8 in your editor."),
    ),
    "file.too_large": Text(
        N_("the file is larger than the {most_bytes} bytes that are read"),
        N_("Look whether it is the right file."),
    ),
    "yaml.syntax": Text(N_("this is not valid YAML: {detail}")),
    "yaml.tab": Text(
        N_("a tab stands where YAML wants spaces"),
        N_("Indent with spaces only."),
    ),
    "yaml.colon": Text(
        N_("a “: ” stands where none can be"),
        N_("Put text that holds “: ” in quotes; look at the indentation here and one line above."),
    ),
    "yaml.first_character": Text(
        N_("a value cannot begin with this character"),
        N_("Put the value in quotes."),
    ),
    "yaml.misplaced": Text(
        N_("this does not fit what stands above it"),
        N_("Look at the indentation, and for something behind a closing quote."),
    ),
    "yaml.missing_colon": Text(
        N_("the line has no “: ” between key and value"),
        N_("Write key: value; check the quotes and the indentation above it."),
    ),
    "yaml.unclosed": Text(
        N_("this quote or bracket is never closed"),
        N_("Close it; text that holds a quote or a bracket goes into quotes."),
    ),
    "yaml.missing_comma": Text(
        N_("a comma is missing, or the end of the [ or {{ in line {began}"),
        N_("Put text that holds a bracket or a brace in quotes; ${{NAME}} too."),
    ),
    "yaml.several_documents": Text(
        N_("a second document begins here (---), and one is wanted"),
        N_("Make a file of each."),
    ),
    "yaml.undefined_alias": Text(
        N_("a * names an anchor that is not defined above it"),
        N_("Put the value in quotes if it is text, or define the anchor with &."),
    ),
    "yaml.control_character": Text(
        N_("a control character stands in the text"),
        N_("Remove it; an editor that shows control characters finds it."),
    ),
    "yaml.too_deep": Text(N_("the document is nested more deeply than anything that is read here")),
    "yaml.too_many_nodes": Text(
        N_("the document holds more than {most} values once its anchors are expanded"),
        N_("Anchors that refer to one another multiply; write the values out."),
    ),
    "yaml.own_tail": Text(N_("an anchor contains itself")),
    "yaml.tag": Text(
        N_("the tag {tag} is not allowed here"),
        N_("Write plain values: text, numbers, true and false, lists and mappings."),
    ),
    "yaml.merge": Text(N_("<< can merge mappings only")),
    "yaml.key": Text(N_("a key must be plain text, not a list or a mapping")),
    "yaml.value": Text(
        N_("the value “{text}” cannot be read"), N_("Put it in quotes if it is text.")
    ),
    "yaml.duplicate_key": Text(
        N_("the key {path} stands twice; the first is in line {first_line}"),
        N_("Keep one of them."),
    ),
}
