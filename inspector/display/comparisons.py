"""Terms of a filter that compare: `fg_ari<0.2`, `lr=0.001`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

COMPARISON = re.compile(r"(.+?)(<=|>=|!=|<|>|=)(.+)")
"""A whole term: a name, a sign and what is compared with."""

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
"""By the sign."""
