"""The other program (`python -m inspector.training`): recipes, recorder, resume."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspector.training.recorder import ActivationRecorder as ActivationRecorder
    from inspector.training.taps import Tap as Tap


def __getattr__(name: str) -> Any:
    """What a user's own script imports from here, and torch with it only then."""
    if name == "ActivationRecorder":
        from inspector.training.recorder import ActivationRecorder

        return ActivationRecorder
    if name == "Tap":
        from inspector.training.taps import Tap

        return Tap
    raise AttributeError(f"module {__name__} has no attribute {name}")
