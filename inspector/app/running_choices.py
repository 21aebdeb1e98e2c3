"""With what a resumed run is trained: which Python, on what device, and whether it outlives the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.app.interpreter_choice import InterpreterChoice
from inspector.app.interpreter_row import InterpreterRow, LackingRow
from inspector.core.language import tr
from inspector.core.units import bytes_text
from inspector.formats.resume_template import ResumeTemplate
from inspector.jobs.interpreter_probe import Device
from inspector.views.controls import Segmented
from inspector.views.flow import FlowLayout, labelled

KEEP, STOP = "keep", "stop"
_ON_CLOSE = ((KEEP, tr("Keep running")), (STOP, tr("Save and stop")))
_ON_CLOSE_SCRIPT = ((KEEP, tr("Keep running")), (STOP, tr("Ask it to stop")))
_AUTO = "auto"
_GAP_PX = 26


class RunningChoices(QWidget):
    """The controls that recipes and scripts share.

    Args:
        more: stand behind them.

    Signals:
        changed: the user has chosen something, or the chosen Python has answered.
    """

    changed = Signal()

    def __init__(self, *more: QWidget) -> None:
        super().__init__()
        self.interpreter = InterpreterChoice(self)
        self.row = InterpreterRow(self.interpreter)
        self.lacking = LackingRow(self.interpreter)
        self.device = Segmented(((_AUTO, tr("auto")), ("cpu", "cpu")), label=tr("Device"))
        self.device.set_value(_AUTO)
        self.on_close = Segmented(_ON_CLOSE, label=tr("When the window closes"))
        self.on_close.set_value(KEEP)
        self._python_item = labelled(tr("Runs with"), self.row)
        self._device_item = labelled(tr("Device"), self.device)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        flow = FlowLayout(gap_px=_GAP_PX)
        for item in (
            self._python_item,
            self._device_item,
            labelled(tr("When the window closes"), self.on_close),
            *more,
        ):
            flow.addWidget(item)
        column.addLayout(flow)
        column.addWidget(self.lacking)
        self._known: object = None
        self.interpreter.changed.connect(self._on_interpreter)
        self.device.chosen.connect(self.changed)

    def begin(self, preferred: str) -> None:
        """It has come to the screen; runs are resumed with the Python of that path unless another is chosen."""
        self.interpreter.open(preferred)

    def finish(self) -> None:
        """Take what was typed."""
        self.row.field.finish()

    def show_recipe(self, extras: Sequence[str]) -> None:
        """Offer what a recipe's run can be set to, and tell what it lacks of these extras."""
        self._show(python=True, device=True, on_close=_ON_CLOSE)
        self.lacking.show_extras(extras)

    def show_script(self, template: ResumeTemplate | None) -> None:
        """Offer what a template's command takes."""
        said = "\n".join(template.command) if template is not None else ""
        self._show(python="{python}" in said, device="{device}" in said, on_close=_ON_CLOSE_SCRIPT)
        self.lacking.show_extras(())
        if "{python}" not in said:
            self.lacking.hide()
        if "{device}" in said:
            self.interpreter.look_for_devices()

    def _show(self, *, python: bool, device: bool, on_close: tuple[tuple[str, str], ...]) -> None:
        self._python_item.setVisible(python)
        self._device_item.setVisible(device)
        self.on_close.set_choices(on_close)

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Offer the devices that a trainer has found, with their free memory."""
        self.interpreter.show_devices(devices)
        self.row.reflect()
        self._offer(devices)

    def chosen_device(self) -> str:
        """The device's name, or `auto`."""
        return self.device.value() or _AUTO

    def keeps_running(self) -> bool:
        """Whether the run goes on when the window closes."""
        return self.on_close.value() == KEEP

    def _on_interpreter(self) -> None:
        found = self.interpreter.found
        if found is not None and found.devices:
            self._offer(found.devices)
        elif self._known != self.interpreter.path:
            self._offer((Device(device="cpu"),))
        self._known = self.interpreter.path
        self.changed.emit()

    def _offer(self, devices: Sequence[Device]) -> None:
        chosen = self.device.value()
        self.device.set_choices(((_AUTO, tr("auto")), *((one.device, _device_text(one)) for one in devices)))
        self.device.set_value(chosen if chosen in self.device.choices() else _AUTO)


def _device_text(device: Device) -> str:
    """`cuda:0 · 78 GiB free`; of the CPU the name alone, as its memory is shared with everything."""
    if device.device == "cpu" or device.free_bytes is None:
        return device.device
    return tr("{device} · {memory} free").format(device=device.device, memory=gib_text(device.free_bytes))


def gib_text(count: int) -> str:
    """`78 GiB`, as the memory of devices is sold."""
    size = count / 2**30
    return f"{size:.0f} GiB" if size >= 10 else f"{size:.1f} GiB" if size >= 1 else bytes_text(count)
