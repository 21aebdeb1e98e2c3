"""The reading program (`python -m inspector.reader`): answers requests with facts and scenes."""
