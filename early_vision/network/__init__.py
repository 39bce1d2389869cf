"""The networks: architecture as data, weights as numbers, and running them."""
