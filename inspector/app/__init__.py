"""The window, actions, headless rendering; the only room that knows every view."""

import inspector.views  # noqa: F401 - before any class of this room is made, as it guards what overrides Qt
