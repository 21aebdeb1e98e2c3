"""Every viewer, in the order of the tabs: adding one is one line here."""

from __future__ import annotations

from inspector.display.curves import judge as curves
from inspector.display.features import gallery as features_gallery
from inspector.display.features import judge as features
from inspector.display.features.channel import judge as features_channel
from inspector.display.features.history import judge as features_history
from inspector.display.log import judge as log
from inspector.display.media import judge as media
from inspector.display.offer import Offer
from inspector.display.points import gallery as points_gallery
from inspector.display.points import judge as points
from inspector.display.points.compared import judge as points_compared
from inspector.display.points.pattern import judge as points_pattern
from inspector.display.points.plots import judge as points_plots
from inspector.display.preview import judge as preview
from inspector.display.settings import judge as settings
from inspector.display.slots import gallery as slots_gallery
from inspector.display.slots import judge as slots
from inspector.display.slots.baselines import judge as slots_baselines
from inspector.display.slots.history import judge as slots_history
from inspector.display.timeline import judge as timeline
from inspector.display.training import judge as training
from inspector.display.triage import judge as triage
from inspector.display.weights import judge as weights
from inspector.display.weights.compare import judge as weights_compare
from inspector.display.weights.objects import judge as weights_objects
from inspector.display.weights.state import judge as weights_state
from inspector.display.weights.tensor import judge as weights_tensor
from inspector.display.weights.trend import judge as weights_trend

CATALOGUE: tuple[Offer, ...] = (
    triage.OFFER,
    curves.OFFER,
    slots.OFFER,
    slots_history.OFFER,
    slots_baselines.OFFER,
    *slots_gallery.OFFERS,
    features.OFFER,
    features_channel.OFFER,
    features_history.OFFER,
    *features_gallery.OFFERS,
    points.OFFER,
    points_plots.OFFER,
    points_pattern.OFFER,
    points_compared.OFFER,
    *points_gallery.OFFERS,
    weights.OFFER,
    weights_tensor.OFFER,
    weights_state.OFFER,
    weights_objects.OFFER,
    weights_compare.OFFER,
    weights_trend.OFFER,
    settings.OFFER,
    log.OFFER,
    media.OFFER,
    timeline.OFFER,
    preview.OFFER,
    training.OFFER,
)


_OFFERS = {offer.key: offer for offer in CATALOGUE}


def offer_of(key: str) -> Offer:
    """The viewer of that name.

    Raises:
        KeyError: there is none.
    """
    return _OFFERS[key]
