"""Console logs typed from the figures of three write-ups, each alone with no other file, yield their findings."""

from __future__ import annotations

import math
from pathlib import Path

from inspector.diagnosis.values import CurveEvidence, Diagnosis, LineEvidence, Severity
from tests.diagnosis.folders import diagnosed

SLOTS = """Train samples: 1200
Val samples: 300
Epoch 4: Train Loss: 0.1104, Val Loss: 0.1101, ARI: 0.4039
Epoch 5: Train Loss: 0.0521, Val Loss: 0.0512, ARI: 0.4471
Epoch 6: Train Loss: 0.0153, Val Loss: 0.0147, ARI: 0.1784
Epoch 7: Train Loss: 0.0032, Val Loss: 0.0021, ARI: 0.0455
Epoch 8: Train Loss: 0.0006, Val Loss: 0.0001, ARI: 0.0148
Epoch 9: Train Loss: 0.0001, Val Loss: -0.0006, ARI: 0.3371
"""

BARE = """Train Loss: 0.1104 → 0.0001 (in 5 epochs)
Val Loss:   0.1101 → -0.0006

Epoch 4: 0.4039 ✓
Epoch 5: 0.4471 ✓ Peak
Epoch 6: 0.1784 ❌ Dropped 60%!
Epoch 7: 0.0455 ❌ Crashed 90%!
Epoch 8: 0.0148 ❌ Near zero
Epoch 9: 0.3371 ❓ Random recovery
"""

RISING = (0.60, 0.63, 0.65, 0.69, 0.70, 0.74)


def _diagnosed(folder: Path, text: str) -> Diagnosis:
    (folder / "train.log").write_text(text)
    return diagnosed(folder)


def _severities(found: Diagnosis) -> dict[str, Severity]:
    return {one.id: one.severity for one in found.findings if one.severity.rank >= Severity.WARNING.rank}


def test_the_slot_run_was_learnt_by_heart_went_below_zero_and_collapsed(tmp_path: Path) -> None:
    found = _diagnosed(tmp_path, SLOTS)
    told = _severities(found)
    folded = [text for one in found.findings for text in one.consequences]
    assert told["score-collapsed"] is Severity.CRITICAL
    assert told["memorised"] is Severity.ERROR
    assert told["negative-loss"] is Severity.ERROR
    assert "score-oscillating" in told or any("swings" in text for text in folded)
    assert set(told) <= {"score-collapsed", "score-oscillating", "memorised", "negative-loss"}
    since = {one.id: one.since_epoch for one in found.findings}
    assert (since["score-collapsed"], since["memorised"], since["negative-loss"]) == (6, 8, 9)
    curve, *_, line = next(one for one in found.findings if one.id == "negative-loss").evidence
    assert isinstance(curve, CurveEvidence)
    assert isinstance(line, LineEvidence)
    assert (Path(line.log).name, line.series, line.step) == ("train.log", curve.series, curve.first_step)


def test_numbers_without_a_name_that_fall_and_come_back_are_told_as_possible(tmp_path: Path) -> None:
    [found] = _diagnosed(tmp_path, BARE).findings
    assert (found.id, found.severity, found.sureness) == ("score-collapsed", Severity.CRITICAL, "possible")


def test_the_counting_run_overfits_from_its_tenth_epoch(tmp_path: Path) -> None:
    """Best 0.606 at epoch 10, 1.509 at the 55th; training 0.91 to 0.10."""
    lines = []
    for epoch in range(1, 56):
        training = 0.10 + 0.81 * math.exp(-(epoch - 1) / 12)
        validation = 0.606 + (0.04 * (10 - epoch) if epoch <= 10 else (1.509 - 0.606) * (epoch - 10) / 45)
        lines.append(f"Epoch {epoch}/55 - train_loss: {training:.4f} - val_loss: {validation:.4f}\n")
    found = _diagnosed(tmp_path, "".join(lines))
    assert _severities(found) == {"overfitting": Severity.ERROR}
    [overfitting] = found.findings
    assert overfitting.rules == ("S2.02", "S2.03", "X.L6")
    assert overfitting.since_epoch == 11
    assert "0.606 at epoch 10 and is 1.509 now" in overfitting.summary


def test_the_grid_run_diverges_from_its_start(tmp_path: Path) -> None:
    text = "".join(f"Epoch {epoch}: Loss = {value:.4f}\n" for epoch, value in enumerate(RISING))
    found = _diagnosed(tmp_path, text)
    assert _severities(found) == {"loss-diverging": Severity.CRITICAL}
    assert found.findings[0].since_epoch == 1


def test_two_lines_of_it_are_enough_to_be_told_with_less_sureness(tmp_path: Path) -> None:
    text = "Epoch 0: Loss = 0.6000\nEpoch 5: Loss = 0.7400  ← GETTING WORSE!\n"
    [found] = _diagnosed(tmp_path, text).findings
    assert (found.id, found.severity, found.sureness) == ("loss-diverging", Severity.ERROR, "possible")


def test_the_healthy_log_of_the_same_write_up_is_not_accused(tmp_path: Path) -> None:
    losses = (2.30, 1.85, 1.42, 1.15, 1.0, 0.85, 0.76, 0.69, 0.63, 0.57, 0.52)
    accuracies = (0.10, 0.17, 0.24, 0.30, 0.36, 0.42, 0.47, 0.52, 0.57, 0.61, 0.65)
    text = "".join(
        f"Epoch {epoch}: Loss = {loss:.2f}, Acc = {accuracy:.2f}\n"
        for epoch, (loss, accuracy) in enumerate(zip(losses, accuracies, strict=True))
    )
    assert _severities(_diagnosed(tmp_path, text)) == {}


def test_of_two_trainings_in_one_log_the_later_is_judged(tmp_path: Path) -> None:
    """The first falls to 0.08, the second rises from 0.5: it is no rise from 0.08 to 1.2."""
    first = "".join(f"Epoch {epoch}: train_loss: {1 / (epoch + 1):.4f}\n" for epoch in range(12))
    second = "".join(f"Epoch {epoch}: train_loss: {0.5 + epoch / 10:.4f}\n" for epoch in range(8))
    found = _diagnosed(tmp_path, first + second)
    assert _severities(found) == {"loss-diverging": Severity.CRITICAL}
    assert "was 0.5 at epoch 0 and is 1.2 at epoch 7" in found.findings[0].summary
