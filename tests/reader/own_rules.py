"""How a file of rules of the user's own begins."""

from __future__ import annotations

HEAD = """
from inspector.diagnosis.check import About, Check
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness
TEXTS = dict.fromkeys(("symptom", "definition", "why", "confirm", "false_alarm", "cure", "source"), "x")
ABOUT = About(id="own-rule", title="My rule", rules=(), **TEXTS)
def found(**told):
    return ABOUT.finding(**{"summary": "so", "severity": Severity.INFO, "sureness": Sureness.LIKELY, **told})
"""
"""`found` makes a finding of the rule `own-rule`."""
