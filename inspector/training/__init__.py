"""The other program (`python -m inspector.training`): recipes, recorder, resume."""
