"""Texts about snapshots: taking, testing, keeping and restoring them."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

TEXTS = {
    "backup.not_taken": Text(
        N_("no snapshot was taken ({count} problem(s)); earlier ones are as they were")
    ),
    "backup.does_not_restore": Text(
        N_("the copies do not restore ({count} problem(s)), so that nothing was published")
    ),
    "backup.nothing_wanted": Text(
        N_("{service}: config.files and config.databases of its service file name nothing to keep")
    ),
    "backup.no_snapshot": Text(
        N_("there is no snapshot {name} in {where}; `ops-pipelines config snapshots` lists them")
    ),
    "backup.held": Text(
        N_(
            "somebody else is at work on the snapshots in {where}: process {pid}, “{deed}”, since "
            "{since}; wait for it, or look what it is doing (ps -p {pid})"
        )
    ),
    "backup.missing": Text(
        N_("{subject} is missing"),
        N_("Bring it back, or take it out of config.files or config.databases."),
    ),
    "backup.no_file": Text(
        N_("{subject} is a folder or a device, and a file is wanted"),
        N_("Name the files in it one by one."),
    ),
    "backup.unreadable": Text(
        N_("{subject} cannot be read: {detail}"),
        N_("Run the backup as a user who may read it (ls -l)."),
    ),
    "backup.keeps_changing": Text(
        N_("{subject} was being written all the time ({seconds} s)"),
        N_("A configuration file changes rarely: look what writes it (lsof {subject})."),
    ),
    "backup.database_locked": Text(
        N_("the database {subject} is locked by another process: {detail}"),
        N_("Look who holds it (fuser {subject}); a long transaction must end first."),
    ),
    "backup.database_empty": Text(
        N_("the database {subject} is an empty file"),
        N_("Check that the path is right and that the service has made its database there."),
    ),
    "backup.not_a_database": Text(
        N_("{subject} is no SQLite database, or an encrypted one: {detail}"),
        N_("Check config.databases; a file of another kind belongs into config.files."),
    ),
    "backup.database_corrupt": Text(
        N_("the database {subject} is corrupt: {detail}"),
        N_(
            "Stop the service and restore the newest verified snapshot (config restore), or save "
            "what can be read with: sqlite3 {subject} .recover"
        ),
    ),
    "backup.database_unreadable": Text(
        N_("the database {subject} cannot be opened: {detail}"),
        N_(
            "Run the backup as a user who may read it and write into its folder, where SQLite "
            "keeps its -wal and -shm files."
        ),
    ),
    "backup.database_failed": Text(
        N_("the database {subject} could not be copied: {detail}"),
        N_("Look whether the service itself can use it."),
    ),
    "backup.manifest_damaged": Text(
        N_("the manifest of the snapshot {subject} was changed from outside or is damaged"),
        N_("Do not rely on it; take a new snapshot, and look at the disk it lies on."),
    ),
    "backup.file_unreadable": Text(
        N_("the copy of {subject} cannot be read: {detail}"),
        N_("Do not rely on this snapshot; take a new one, and look at the disk it lies on."),
    ),
    "backup.file_damaged": Text(
        N_("the copy of {subject} is not what was stored"),
        N_("Do not rely on this snapshot; take a new one, and look at the disk it lies on."),
    ),
    "backup.rows_differ": Text(
        N_("the restored database {subject} does not hold the rows that were stored"),
        N_("Do not rely on this snapshot; take a new one, and look at the disk it lies on."),
    ),
    "backup.now_invalid": Text(
        N_("the configuration in {subject} was valid when it was stored and is not any more"),
        N_("The rules have changed since: `config validate` says what they want."),
    ),
    "backup.now_valid": Text(
        N_("the configuration in {subject} was invalid when it was stored and is valid now"),
    ),
    "backup.invalid": Text(
        N_("the configuration in {subject} is invalid ({count} critical problem(s)); it is kept"),
        N_("`ops-pipelines config validate` lists them."),
    ),
    "backup.local_only": Text(
        N_(
            "data_dir is an object store, which knows neither lock nor rename; snapshots lie on "
            "this machine, in {subject}"
        ),
        N_("Have that folder copied to another machine (rclone, restic, rsync)."),
    ),
    "backup.same_disk": Text(
        N_("the snapshots in {subject} lie on the same disk as what they are of"),
        N_("Have that folder copied to another machine (rclone, restic, rsync)."),
    ),
    "backup.lacks_database": Text(
        N_("the configuration speaks of {subject} ({where}), which no snapshot holds"),
        N_("Back it up with its own tool: {tool}; see {source}"),
    ),
    "backup.lacks_folder": Text(
        N_("the configuration speaks of {subject} ({where}), which no snapshot holds whole"),
        N_("Copy its whole folder while the service stands still; see {source}"),
    ),
    "backup.lacks_sqlite": Text(
        N_("the configuration names the database {subject} ({where}), which no snapshot holds"),
        N_("Add its path to config.databases."),
    ),
    "restore.exists": Text(
        N_("{file} is there already, and nothing is overwritten; name an empty folder")
    ),
    "restore.not_restored": Text(
        N_(
            "the snapshot does not restore ({count} problem(s)), so that nothing was replaced; "
            "what there is of it lies in {where}"
        )
    ),
    "restore.half_done": Text(
        N_(
            "{where}: {detail}; some files are restored and some are not yet. Mend that and run it "
            "again: what was there before is saved"
        )
    ),
    "restore.still_open": Text(
        N_("process {pid} ({process}) has the old {subject} open and goes on writing into it"),
        N_("Restart the service now; what it writes until then is lost."),
    ),
}
