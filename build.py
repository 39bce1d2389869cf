#!/usr/bin/env python3
"""The command: python build.py [build | precompute | train] ... (--help says more)."""

import sys

try:
    from early_vision.cli import main
except ModuleNotFoundError as error:
    print(f"build.py: {error.name} is not installed here. Run: make site", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    main()
