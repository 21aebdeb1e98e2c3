import pytest

from inspector.core.errors import SettingsError
from inspector.formats.recipes.schedule import Schedule, check


@pytest.mark.parametrize(
    ("settings", "both"),
    [
        ({"min_lr": 0.2}, ("schedule.min_lr is 0.2", "optim.lr, 0.1")),
        ({"origin_epoch": 40.0}, ("schedule.origin_epoch is 40", "schedule.epochs, 40")),
        ({"family": "multistep", "milestones_epochs": (5.0, 3.0)}, ("schedule.milestones_epochs", "[5.0, 3.0]")),
        ({"family": "inverse_sqrt", "warmup_epochs": 0.0}, ("schedule.family inverse_sqrt", "schedule.warmup_epochs")),
        ({"family": "plateau", "decay_factor": 1.0}, ("schedule.family plateau", "schedule.decay_factor, found 1")),
        ({"family": "plateau", "warmup": "compound"}, ("schedule.warmup compound", "schedule.family plateau")),
    ],
)
def test_settings_that_contradict_each_other_are_both_named(settings, both):
    with pytest.raises(SettingsError) as error:
        check(Schedule(**settings), base_lr=0.1)
    assert all(words in str(error.value) for words in both)
    assert error.value.path == both[0].partition(" ")[0]


def test_settings_that_go_together_are_taken():
    check(Schedule(family="plateau", decay_factor=0.5), base_lr=0.1)
    check(Schedule(family="step", decay_factor=1.0), base_lr=0.1)
