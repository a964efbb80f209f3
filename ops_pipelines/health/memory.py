"""The memory of incidents as a health report keeps it, from one day to the next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ops_pipelines.health.incidents import Evidence, Incident, Memory, Track
from ops_pipelines.health.reading import Key


def stored(memory: Memory) -> dict[str, Any]:
    """As a report keeps it: only what differs from a component that is well."""
    return {
        "at": memory.at.isoformat(),
        "tracks": [
            {"check": key[0], "component": key[1], **_track(track)}
            for key, track in memory.tracks.items()
        ],
        "reported": [
            {"check": check, "component": component, "at": at.isoformat()}
            for (check, component), at in memory.reported.items()
        ],
    }


def restored(kept: Mapping[str, Any]) -> Memory:
    """A memory from what `stored` gave."""
    return Memory(
        datetime.fromisoformat(kept["at"]),
        {_key(track): _restored_track(track) for track in kept["tracks"]},
        {_key(entry): datetime.fromisoformat(entry["at"]) for entry in kept["reported"]},
    )


def _key(entry: Mapping[str, Any]) -> Key:
    return entry["check"], entry["component"]


def _track(track: Track) -> dict[str, Any]:
    found: dict[str, Any] = {"seen": track.seen.isoformat()}
    if track.probed != track.seen:
        found["probed"] = track.probed.isoformat() if track.probed else None
    if track.bad and track.first and track.worst:
        found |= {"bad": track.bad, "first": track.first.stored(), "worst": track.worst.stored()}
    if track.well and track.well_since:
        found |= {"well": track.well, "well_since": track.well_since.isoformat()}
    if track.incident:
        found["incident"] = track.incident.stored()
    return found


def _restored_track(kept: Mapping[str, Any]) -> Track:
    probed = kept.get("probed", kept["seen"])
    return Track(
        datetime.fromisoformat(kept["seen"]),
        datetime.fromisoformat(probed) if probed else None,
        kept.get("bad", 0),
        Evidence.restored(kept["first"]) if "first" in kept else None,
        Evidence.restored(kept["worst"]) if "worst" in kept else None,
        kept.get("well", 0),
        datetime.fromisoformat(kept["well_since"]) if "well_since" in kept else None,
        Incident.restored(kept["incident"]) if "incident" in kept else None,
    )
