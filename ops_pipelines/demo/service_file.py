"""The file by which ops_pipelines looks after the demo: made once, and kept up with the port."""

import re
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ops_pipelines.demo import files
from ops_pipelines.demo.home import SERVICE_NAME, Home

_TEMPLATE = Path(__file__).parent / "templates" / f"{SERVICE_NAME}.yaml"
_BASE_URL = re.compile(r"^base_url: *[\"']?http://127\.0\.0\.1:(\d+)", re.MULTILINE)


def put(home: Home, port: int, zone: ZoneInfo) -> None:
    """Make the service file of `home`, or have the one that is there name `port`.

    Only the port changes in a file that is there; it may have been edited.
    """
    if home.service_file.exists():
        text = home.service_file.read_text("utf-8")
    else:
        text = _TEMPLATE.read_text("utf-8").replace("timezone: UTC", f"timezone: {zone.key}", 1)
    told = with_port(text, port)
    if told != text or not home.service_file.exists():
        files.put(home.service_file, told.encode())


def with_port(text: str, port: int) -> str:
    """`text` of a service file with `port` in place of the one that its `base_url` names.

    It is replaced wherever it stands as the port of this machine: in addresses and after `port:`.
    """
    found = _BASE_URL.search(text)
    if found is None:
        return text
    return re.sub(rf"(127\.0\.0\.1:|\bport: *){found[1]}\b", rf"\g<1>{port}", text)


def local_zone(
    environment: Mapping[str, str], localtime: Path = Path("/etc/localtime")
) -> ZoneInfo:
    """The timezone of this machine: that of `$TZ`, or the one that `localtime` is a link to.

    UTC where neither can be told.
    """
    linked = str(localtime.readlink()) if localtime.is_symlink() else ""
    for name in (environment.get("TZ", "").lstrip(":"), linked.rpartition("zoneinfo/")[2]):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
