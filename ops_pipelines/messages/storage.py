"""Texts about what is kept."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

TEXTS = {
    "storage.failed": Text(
        N_(
            "{where}: {detail}; nothing was replaced. Check the free space (df -h) and who owns "
            "the folder, then run it again"
        )
    ),
    "storage.store_failed": Text(
        N_(
            "{where}: {detail}; nothing was replaced. Check the address of the store, its bucket "
            "and the credentials, then run it again"
        )
    ),
    "storage.damaged": Text(
        N_(
            "{where} is no whole JSON document ({detail}): it was changed from outside. Remove it "
            "and make it anew; earlier versions lie in the folder versions beside it"
        )
    ),
    "storage.damaged_table": Text(
        N_(
            "{where} is no whole Parquet table ({detail}): it was changed from outside. Remove it "
            "and make it anew; earlier versions lie in the folder versions beside it"
        )
    ),
    "storage.no_driver": Text(
        N_("{where}: this kind of store needs a driver: {detail}; pip install 'ops-pipelines[s3]'")
    ),
    "storage.bad_name": Text(N_("{name} is no name of an output or a partition")),
    "storage.no_version": Text(
        N_("{asset} has no version {version}; `ops-pipelines history {asset}` lists them")
    ),
    "storage.nothing": Text(N_("{asset} has no stored output yet in {where}")),
}
