"""Tells people: a message through the channels that a service file names."""
