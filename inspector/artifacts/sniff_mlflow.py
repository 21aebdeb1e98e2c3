"""Files of MLflow's file store, told by where they stand: `mlruns/EXPERIMENT/RUN/{metrics,params,tags}/NAME`."""

from __future__ import annotations

import re
from pathlib import Path

METRICS, PARAMS, TAGS = "metrics", "params", "tags"
_META = "meta.yaml"

METRIC_LINE = (
    rb"(?P<time>\d{10,13}) (?P<value>[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan|inf))(?: (?P<step>-?\d+))?"
)
"""What `FileStore._log_run_metric` of MLflow writes; the step came with version 1."""

_METRIC_LINE = re.compile(METRIC_LINE + rb"\r?")
_LOOKED_AT_BYTES = 4096


def mlflow_container(path: Path, head: bytes) -> str:
    """`mlflow-metric` or `mlflow-value`; empty where a file is none of MLflow's."""
    if name_below(path, METRICS):
        lines = head[:_LOOKED_AT_BYTES].split(b"\n")[:-1]
        if lines and 2 * sum(_METRIC_LINE.fullmatch(line) is not None for line in lines) > len(lines):
            return "mlflow-metric"
    return "mlflow-value" if any(_folder_of_run(path, name) for name in (PARAMS, TAGS)) else ""


def name_below(path: Path, folder: str) -> str:
    """The path below the innermost folder of that name; empty where there is none."""
    parts = path.parts[:-1]
    if folder not in parts:
        return ""
    place = len(parts) - parts[::-1].index(folder)
    return "/".join(path.parts[place:])


def _folder_of_run(path: Path, folder: str) -> bool:
    """Whether a file stands below such a folder of a run."""
    return any(parent.name == folder and (parent.parent / _META).exists() for parent in path.parents)
