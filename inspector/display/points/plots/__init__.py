"""Plots of the errors of points, of the done signal and of counts; brushing one filters the gallery."""
