"""Which names of a checkpoint a person must trust before code that is not ours unpickles it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HARMLESS = re.compile(
    r"collections\.OrderedDict"
    r"|torch\._utils\._rebuild_(tensor_v2|tensor_v3|parameter|qtensor|sparse_tensor|nested_tensor|meta_tensor_no_storage)"
    r"|torch\.serialization\._get_layout"
    r"|torch\.([A-Z][A-Za-z0-9]*Storage|storage\.UntypedStorage)"
    r"|torch\.(Size|device|bool|complex(32|64|128)|b?float(16|32|64)|u?int(8|16|32|64)|half|double|long)"
    r"|torch\.float(8_e4m3fn|8_e4m3fnuz|8_e5m2|8_e5m2fnuz|8_e8m0fnu|4_e2m1fn_x2)"
    r"|torch\.(q(u?int8|int32)|quint4x2|quint2x4|bits(8|16|1x8|2x4|4x2)|u?int[1-7])"
    r"|torch\.per_(tensor_affine|channel_affine|channel_affine_float_qparams)"
)


def names_to_trust(would_import: Iterable[str]) -> tuple[str, ...]:
    """The names among those that unpickling imports which do more than rebuild tensors, sorted.

    Empty for what `torch.load(weights_only=True)` loads without being told of further names.

    Source: torch/_weights_only_unpickler.py, `_get_allowed_globals` (torch 2.13).
    """
    return tuple(sorted(name for name in set(would_import) if not _HARMLESS.fullmatch(name)))


def trust_sentence(checkpoint: str, names: Iterable[str], *, limited: bool = False) -> str:
    """What a person is told before such a checkpoint is handed on; empty where there is nothing to tell.

    Args:
        checkpoint: its file's name.
        names: those to trust.
        limited: a limit ended its reading, so that there may be more of them.
    """
    named = list(names)
    unread = "it was not read whole, so what more the script's torch.load may call is not known" if limited else ""
    if not named:
        return f"{checkpoint}: {unread}" if limited else ""
    shown = ", ".join(named[:8]) + (f" and {len(named) - 8} more" if len(named) > 8 else "")
    return f"{checkpoint}: the script's torch.load may call {shown}" + (f"; {unread}" if limited else "")
