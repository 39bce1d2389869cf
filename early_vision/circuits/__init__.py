"""Circuits: how neurons are built from neurons. Connections through the weights, and the figures that show them."""
