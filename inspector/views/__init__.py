"""Qt: one package per viewer draws its scene."""

from inspector.views.overrides import guard_overrides

guard_overrides()
