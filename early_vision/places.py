"""Where the program has its templates and assets, and where the user's project is: in the checkout they are one.

Installed from a wheel, templates and assets are beside the program's code, and the project is the folder that the
command `early-vision` is called in, with articles in content/ and networks of one's own in networks/.
"""

import os
from pathlib import Path

VARIABLE = "EARLY_VISION_PROJECT"
"""The environment variable that names the project's folder; the commands set it, for the processes that they start too."""
_PACKAGE = Path(__file__).resolve().parent


def package_folder() -> Path:
    """The folder of the program's code."""
    return _PACKAGE


def program_folder() -> Path:
    """The folder that holds assets/ and templates/: the checkout, or the package where it was installed."""
    return _PACKAGE if (_PACKAGE / "assets").is_dir() else _PACKAGE.parent


def project_folder() -> Path:
    """The folder that holds content/, and gets site/ and .cache/: the one that was named, or the checkout."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else program_folder()


def own_home() -> Path | None:
    """The project's folder where it is not the program's: it may hold networks/ and precomputed/ of its own."""
    folder = project_folder()
    return None if folder.resolve() == program_folder().resolve() else folder


def command() -> str:
    """How the command is called, for what tells the user to call it."""
    return "early-vision" if os.environ.get(VARIABLE) else "python build.py"
