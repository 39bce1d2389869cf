"""From a vision network's weights and an author's markdown to a Distill-style article on its neurons."""

__version__ = "0.1.0"
