"""Where the project keeps what it fetches and computes for one user: laid out as assets/ is, and safe to remove."""

import os
from pathlib import Path


def user_cache() -> Path:
    """The folder early-vision in $XDG_CACHE_HOME, or in ~/.cache: a relative $XDG_CACHE_HOME counts as none, by XDG's rules."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".cache") / "early-vision"
