"""Texts about logs: files that cannot be read, lines that say nothing, and what changed."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

_FILES = {
    "logs.no_match": Text(N_("no file matches")),
    "logs.unreadable": Text(N_("it cannot be read: {detail}")),
    "logs.not_a_file": Text(N_("it is no file but a {kind}; to read it: cat … | … logs analyze -")),
    "logs.unread_kind": Text(
        N_("it is compressed with {kind}, which is not read: unpack it first")
    ),
    "logs.damaged": Text(N_("it is damaged or cut off ({detail}); what came before that was read")),
    "logs.same_file": Text(N_("it is {file} under another name")),
    "logs.copy": Text(N_("it is a copy of {file}, or of its beginning")),
}

_ERRORS = {
    "logs.damaged_part": Text(
        N_("{where} is damaged: it is what a file of the log came to"),
        N_("Remove it: the next run reads that file again."),
    ),
    "logs.no_input": Text(N_("no log could be read: {files}")),
    "logs.not_configured": Text(
        N_("the service {name} has no section logs:; name the files in its service file or here")
    ),
    "logs.no_preset": Text(N_("no preset is called {name}; there are: {known}")),
    "logs.bad_mapping": Text(N_("“{text}” is no FIELD=PATH; FIELD is one of {known}")),
    "logs.bad_time": Text(N_("“{text}” is neither an ISO time nor a date")),
    "logs.empty_window": Text(N_("the time from {start} to {end} is empty")),
    "logs.bad_timezone": Text(N_("{name} is no timezone; use a name such as UTC or Asia/Shanghai")),
}

_FINDINGS = {
    "logs.nothing_readable": Text(
        N_("0 of {lines} lines can be read; most often: {reason}"),
        N_("Look at the rejected lines; `ops-pipelines logs detect FILE` proposes a mapping."),
    ),
    "logs.plain_text": Text(
        N_("{subject} is plain text: 0 of {lines} lines are JSON"),
        N_("A pattern: in the service file, or a preset, reads it; `ops-pipelines logs detect`."),
    ),
    "logs.plain_text_and_preset": Text(
        N_("{subject} is plain text: 0 of {lines} lines are JSON"),
        N_("Use --preset {preset}, or preset: {preset} in the service file: it reads such lines."),
    ),
    "logs.preset_fits": Text(
        N_("{subject}: 0 of {lines} lines can be read as they are; the preset {preset} reads them"),
        N_("Use --preset {preset}, or preset: {preset} in the service file."),
    ),
    "logs.too_many_rejected": Text(
        N_("{rejected} of {lines} lines ({ratio:.1%}) cannot be read; most often: {reason}"),
        N_("Look at the samples; a line that is well may need another mapping or preset."),
    ),
    "logs.file_failed": Text(
        N_("{subject}: {reason}"),
        N_("What it holds is not in these figures. Check who owns it and whether it is whole."),
    ),
    "logs.partly_read": Text(
        N_("{subject}: {read_mb} of {size_mb} MB were read: those with lines of this time"),
        N_("Its lines are in the order of time; to read it all nevertheless: cat FILE | … -"),
    ),
    "logs.no_lines": Text(
        N_("the log is empty"), N_("Does the service write to another file, or not at all?")
    ),
    "logs.nothing_in_window": Text(
        N_("none of {lines} lines lies in this time; they reach from {first} to {last}"),
        N_("Choose another time with --since and --until, or --all."),
    ),
    "logs.no_requests": Text(
        N_("none of {lines} lines is a request; without a rule, its message holds “request”"),
        N_("Say in logs.request_when what a request is; `ops-pipelines logs detect` proposes it."),
    ),
    "logs.too_many_labels": Text(
        N_("{subject} has over {kept} values; {count} rare ones count as “other”"),
        N_("Map a field with fewer values, such as the route instead of the address."),
    ),
}

_REASONS = {
    "logs.reason_blank": Text(N_("blank")),
    "logs.reason_not_utf8": Text(N_("not UTF-8")),
    "logs.reason_not_json": Text(N_("not JSON")),
    "logs.reason_not_object": Text(N_("JSON, but no object")),
    "logs.reason_no_timestamp": Text(N_("no timestamp")),
    "logs.reason_bad_timestamp": Text(N_("a timestamp that is no time")),
    "logs.reason_too_long": Text(N_("longer than 16 MiB")),
    "logs.reason_torn": Text(N_("not written to its end")),
    "logs.reason_not_matched": Text(N_("not matched by the pattern")),
    "logs.reason_continuation": Text(N_("goes on with the line before it")),
}

TEXTS = {**_FILES, **_ERRORS, **_FINDINGS, **_REASONS}
