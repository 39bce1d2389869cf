"""The packages of a wheel: the program, and beside it the templates and assets that the checkout has at its root."""

from pathlib import Path

from setuptools import find_packages, setup

DATA = ("assets", "templates")


def folders(name: str) -> dict[str, str]:
    """The folders below one, as names of packages and their places."""
    root = Path(__file__).parent
    below = [path for path in (root / name, *sorted((root / name).rglob("*"))) if path.is_dir()]
    parts = (path.relative_to(root).as_posix() for path in below)
    return {f"early_vision.{part.replace('/', '.')}": part for part in parts}


if __name__ == "__main__":
    data = {package: place for name in DATA for package, place in folders(name).items()}
    setup(
        packages=[*find_packages(include=["early_vision*", "tools"]), *data],
        package_dir=data,
        package_data={package: ["*"] for package in data},
    )
