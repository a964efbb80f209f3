"""How the laws are tested: without a stopwatch, since other tests may have the machine."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
