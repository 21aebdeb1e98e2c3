"""The HDF5 library, loaded so that no file can make it look for plugins."""

from __future__ import annotations

import os

# An unknown filter would make it load any shared object in its plugin folders; it reads this when it is loaded.
os.environ["HDF5_PLUGIN_PRELOAD"] = "::"
# With this it would look for the sources of a virtual dataset in another folder than that of its file.
os.environ["HDF5_VDS_PREFIX"] = ""

import h5py

try:
    import hdf5plugin  # noqa: F401 - its filters register themselves
except (ImportError, OSError):
    FILTER_ADVICE = "pip install hdf5plugin"
else:
    FILTER_ADVICE = "hdf5plugin, which is here, has none of that number; have it written anew with gzip"

__all__ = ["FAILURES", "FILTER_ADVICE", "h5py", "sentence_of"]

FAILURES = (
    OSError, RuntimeError, KeyError, IndexError, ValueError, TypeError, AttributeError, NotImplementedError,
    MemoryError, OverflowError, SystemError,
)  # fmt: skip
"""What h5py raises on damaged or unusual files."""


def sentence_of(error: BaseException) -> str:
    """The library's own reason, without its preamble."""
    text = str(error.args[0]) if error.args else type(error).__name__
    inner = text.partition("(")[2].rpartition(")")[0]
    return (inner or text).strip() or type(error).__name__
