"""The window, actions, headless rendering; the only room that knows every view."""
