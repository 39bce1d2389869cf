"""Figures: circuits, kernels, tuning plots and the layer diagram as shapes with places."""
