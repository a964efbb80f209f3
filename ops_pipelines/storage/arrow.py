"""pyarrow, loaded at its first use: it costs a fifth of a second, and most runs need none of it."""

import sys
from importlib.util import LazyLoader, find_spec, module_from_spec
from typing import TYPE_CHECKING

__all__ = ["pa"]

if TYPE_CHECKING:
    import pyarrow as pa
elif "pyarrow" in sys.modules:
    pa = sys.modules["pyarrow"]
else:
    _spec = find_spec("pyarrow")
    _spec.loader = LazyLoader(_spec.loader)
    pa = sys.modules["pyarrow"] = module_from_spec(_spec)
    _spec.loader.exec_module(pa)
