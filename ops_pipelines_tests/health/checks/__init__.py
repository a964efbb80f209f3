"""Tests of each kind of check, over real sockets."""
