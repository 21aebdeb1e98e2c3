"""Thumbnails of samples with the share of a layer's channels that fire at each position."""

from __future__ import annotations

from inspector.artifacts.dumps.dump import Dump, activation_layers, image_of, layer_name
from inspector.core.errors import UnsupportedError
from inspector.core.pulse import Pulse
from inspector.display.colour_maps import apply_map
from inspector.display.dumps import datasets
from inspector.display.features.spatial import firing_share, laid_over, masked_maps, samples_of, upsampled
from inspector.display.features.thumb_ask import FeatureThumbsAsk
from inspector.display.gallery.scene import ThumbsScene
from inspector.display.gallery.thumbs import Thumb, thumb_size, thumbs_of
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts


def prepare(ask: FeatureThumbsAsk, pulse: Pulse) -> ThumbsScene:
    """The thumbnails that are asked for; raises as `thumbs_of`."""
    return thumbs_of(ask, _draw, pulse)


def _draw(dump: Dump, ask: FeatureThumbsAsk, sample: int) -> Thumb:
    layer = _layer(dump, ask.layer)
    if sample not in samples_of(layer):
        raise UnsupportedError(dump.path, f"sample {sample} in {layer_name(layer)}", "a layer without it")
    shares = firing_share(masked_maps(dump, layer, sample), ask.zero_means)
    image = image_of(dump, sample) if datasets(dump.facts, Role.IMAGE) else None
    height, width = shares.shape if image is None else image.shape[:2]
    size = thumb_size(height, width, ask.longest_px)
    colours = apply_map(upsampled(shares, *size), 0.0, 1.0, ask.colour_map)
    return Thumb(colours if image is None else laid_over(image, colours))


def _layer(dump: Dump, name: str) -> DatasetFacts:
    layers = [layer for layer in activation_layers(dump) if 0 not in layer.shape]
    named = [layer for layer in layers if layer_name(layer) == name]
    wide = [layer for layer in layers if {"H", "W"} <= set(layer.layout)]
    found = next(iter((*named, *wide, *layers)), None)
    if found is None:
        raise dump.lacking("activations")
    return found
