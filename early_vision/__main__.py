"""The command `early-vision`, and `python -m early_vision`: the project is the folder that it is called in."""

import os
import sys

from early_vision.places import VARIABLE


def run() -> None:
    """Runs the command line in the current folder."""
    os.environ.setdefault(VARIABLE, os.getcwd())
    try:
        from early_vision.cli import main
    except ModuleNotFoundError as error:
        print(f"early-vision: {error.name} is not installed here", file=sys.stderr)
        sys.exit(2)
    main(prog_name="early-vision")


if __name__ == "__main__":
    run()
