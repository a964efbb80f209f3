"""Texts about the rotation of logs."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

_FILE = {
    "rotation.no_files": Text(
        N_("{service}: logs.files of its service file names no log that could be rotated")
    ),
    "rotation.bad_path": Text(
        N_("{path} cannot stand in a logrotate file: it holds a line break, a brace or a quote")
    ),
    "rotation.group_alone": Text(
        N_("config.rotation has a group and no owner; logrotate takes a group only behind an owner")
    ),
    "rotation.endscript": Text(
        N_("config.rotation.postrotate holds the line endscript, which would end it too early")
    ),
    "rotation.no_logs": Text(N_("the file names no logs"), N_("Look whether it is the right one.")),
    "rotation.no_brace": Text(
        N_("no {{ follows the name of the log {text}"), N_("Write {text} {{ … }}.")
    ),
    "rotation.stray_brace": Text(
        N_("the brace {text} has no partner"), N_("Count the braces above it.")
    ),
    "rotation.after_brace": Text(
        N_("text stands behind the closing brace: {text}"), N_("Begin a new line for it.")
    ),
    "rotation.stray_path": Text(
        N_("the name of a log ({text}) stands inside a block"),
        N_("Close the block above it with }}, or put the name before the {{."),
    ),
    "rotation.no_keyword": Text(
        N_("neither a keyword nor the name of a log: {text}"),
        N_("A log's name begins with /; with spaces in it, it stands in double quotes."),
    ),
    "rotation.no_endscript": Text(
        N_("the script {text} never ends: logrotate refuses the whole file"),
        N_("Put endscript on a line of its own."),
    ),
    "rotation.unknown_keyword": Text(
        N_("logrotate does not know {text} and leaves the line out"),
        N_("Look it up in man logrotate."),
    ),
    "rotation.unknown_keyword_near": Text(
        N_("logrotate does not know {text} and leaves the line out; is {near} meant?"),
        N_("Write {near}."),
    ),
    "rotation.included": Text(N_("{text} is included here and was not looked at")),
    "rotation.bad_value": Text(
        N_("logrotate cannot read the value of {keyword} and skips the whole block"),
        N_("Sizes are 100, 100k, 100M or 1G; a comment behind a value is taken for a part of it."),
    ),
    "rotation.unknown_user": Text(
        N_("this host has no user {name}: here logrotate skips the whole block"),
        N_("Name a user that exists (getent passwd)."),
    ),
    "rotation.unknown_group": Text(
        N_("this host has no group {name}: here logrotate skips the whole block"),
        N_("Name a group that exists (getent group)."),
    ),
    "rotation.writable_file": Text(
        N_("others than its owner may write to the file: logrotate ignores it"),
        N_("Take it from them: chmod 644 {file}"),
    ),
    "rotation.ignored_name": Text(
        N_("logrotate ignores files with names that end in {ending}"), N_("Rename it.")
    ),
}

_PLACES = {
    "rotation.not_here": Text(
        N_("the folder of {text} is not on this host, so that nobody looked at its owner and mode")
    ),
    "rotation.insecure_folder": Text(
        N_("others than root may write to {folder}: logrotate refuses to rotate in it"),
        N_("Add: su {user} {group}"),
    ),
    "rotation.folder_of_others": Text(
        N_("{folder} belongs to {user}, and logrotate works in it as root"),
        N_("Safer: su {user} {group}"),
    ),
    "rotation.su_cannot_give": Text(
        N_("as {user}, logrotate cannot make a file that belongs to {owner}"),
        N_("Name the same user in su and in create."),
    ),
    "rotation.su_cannot_write": Text(
        N_("as {user} {group}, logrotate may not write to {folder}"),
        N_("Name the owner of the folder in su."),
    ),
    "rotation.rotates_copies": Text(
        N_(
            "{pattern} matches rotated copies too (such as {copy}), which are rotated again and "
            "again"
        ),
        N_("Name the log itself, without the * at its end."),
    ),
    "rotation.overlap": Text(
        N_(
            "{log} is named before, in {other_file}:{other_line}: logrotate skips what comes second"
        ),
        N_("Name every log once."),
    ),
    "rotation.link": Text(
        N_("{log} is a symbolic link, and logrotate rotates none"),
        N_("Name the file that it leads to."),
    ),
    "rotation.also_by_itself": Text(
        N_("the application rotates {log} by itself as well: it has made {names}"),
        N_("Let only one do it: switch off the rotation of the application, or this one."),
    ),
    "rotation.configured_by_itself": Text(
        N_("the configuration has the application rotate {log} by itself as well ({where})"),
        N_("Let only one do it: switch off the rotation of the application, or this one."),
    ),
}

_RULES = {
    "rotation.copytruncate": Text(
        N_("copytruncate loses the lines that are written between the copying and the truncating"),
        N_(
            "Use create and a postrotate that makes the service open its log anew, if it can do "
            "that (a signal, a reload, WatchedFileHandler)."
        ),
    ),
    "rotation.no_reload": Text(
        N_("nothing tells the service to open {log} anew: it goes on writing to the rotated file"),
        N_(
            "Add a postrotate script such as systemctl reload NAME (config.rotation.postrotate); "
            "a service that looks for itself (WatchedFileHandler) needs none."
        ),
    ),
    "rotation.compresses_at_once": Text(
        N_("a file is compressed while the service may still be writing to it: lines get lost"),
        N_("Add delaycompress."),
    ),
    "rotation.keeps_nothing": Text(
        N_("rotate 0 deletes the old log instead of keeping it"), N_("Write rotate 30.")
    ),
    "rotation.one_name_a_day": Text(
        N_(
            "with {keyword} a log is rotated several times a day, each time to the same name: "
            "logrotate skips all but the first"
        ),
        N_("Add: dateformat -%Y%m%d-%s"),
    ),
    "rotation.unsortable_dates": Text(
        N_("names with {format} do not sort by their age, so that the wrong ones are deleted"),
        N_("Write year, month, day, in this order."),
    ),
    "rotation.many_reloads": Text(
        N_("the script runs once for each log"), N_("Add sharedscripts to run it once.")
    ),
    "rotation.complains": Text(
        N_("logrotate reports an error while {log} is not there"), N_("Add missingok.")
    ),
    "rotation.count_not_said": Text(
        N_("how many old files stay is not said here: /etc/logrotate.conf decides, or none stays"),
        N_("Add: rotate 30"),
    ),
    "rotation.maxsize_timer": Text(
        N_("maxsize is looked at only when logrotate runs, which is once a day on most hosts"),
        N_("Run it every hour: systemctl edit logrotate.timer, or move it to /etc/cron.hourly."),
    ),
}

TEXTS = {**_FILE, **_PLACES, **_RULES}
