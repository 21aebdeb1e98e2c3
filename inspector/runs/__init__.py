"""A folder of artifacts as one immutable Run, and how it grows while it lives."""
