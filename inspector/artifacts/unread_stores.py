"""Stores of runs that are not read, and what helps."""

from __future__ import annotations

UNREAD_STORES = {
    "sqlite": ("a SQLite database, as MLflow, trackio and Optuna keep", "export its runs as CSV or JSON lines"),
    "parquet": ("a Parquet table", "write it as CSV: pandas.read_parquet(...).to_csv(...)"),
    "feather": ("an Arrow or Feather table", "write it as CSV: pandas.read_feather(...).to_csv(...)"),
}
"""What is said of stores of runs that are not read, and what helps."""
