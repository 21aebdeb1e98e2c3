"""What h5py itself gives for a dataset, in the form in which our reader gives values."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np


def plain(value: Any, dtype: np.dtype, file: h5py.File) -> Any:
    """A value of h5py as nested lists, texts and numbers: texts decoded, references by the name of their target."""
    if h5py.check_string_dtype(dtype) and dtype.kind == "O":
        return np.vectorize(_text, otypes=[object])(value).tolist() if isinstance(value, np.ndarray) else _text(value)
    if h5py.check_ref_dtype(dtype):
        return _each(value, lambda one: file[one].name if one else "")
    inner = h5py.check_vlen_dtype(dtype)
    if inner is not None:
        return _each(value, lambda one: plain(one, inner, file))
    if dtype.names:
        return {name: plain(value[name], dtype.fields[name][0].base, file) for name in dtype.names}
    return np.asarray(value).tolist()


def _each(value: Any, one: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return [_each(item, one) for item in value]
    return one(value)


def _text(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def ours(values: np.ndarray) -> Any:
    """Our values in the same form."""
    if values.dtype.names:
        return {name: ours(values[name]) for name in values.dtype.names}
    if values.dtype.kind == "O":
        return _nested(values.tolist())
    return values.tolist()


def _nested(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ours(value)
    return [_nested(item) for item in value] if isinstance(value, list) else value
