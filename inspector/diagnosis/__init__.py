"""Rules: Run -> findings, each with evidence and, where there is one, a settings edit."""
