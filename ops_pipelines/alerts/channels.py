"""Sends a message through apprise, which knows the ways to tell somebody."""

import logging
from collections.abc import Iterable

from ops_pipelines.report import Severity
from ops_pipelines.settings.alerts import Channel

_log = logging.getLogger(__name__)


def send(channel: Channel, title: str, text: str) -> bool:
    """Send a plain message; whether the channel took it."""
    import apprise  # noqa: PLC0415 - it costs half a second, and few runs have something to say

    messenger = apprise.Apprise()
    try:
        if not messenger.add(channel.url):
            return False
        return bool(messenger.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # noqa: BLE001 - a hundred senders of others; none may cost us the report
        _log.exception("channel %s failed", channel.name)
        return False


def wanted(channels: Iterable[Channel], severity: Severity) -> list[Channel]:
    """The channels that want to hear of something so severe, and that this version can use."""
    return [
        channel
        for channel in channels
        if channel.kind == "apprise" and channel.minimum_severity.weight <= severity.weight
    ]
