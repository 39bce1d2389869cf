"""docs/architecture.md names files that are there, and packages import in the order that it draws."""

import ast
import re

import pytest

ORDER = ("network", "features", "tuning", "circuits", "comparison", "drawing", "article", "site", "cli")
GROUND = {"cache", "errors", "memory", "neuron", "places", "progress", "project", "store", "text", "user_cache"}


def test_every_file_that_is_named_is_there(root):
    text = (root / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`((?:early_vision|tools|assets)/[\w./-]*)`", text))
    assert len(named) > 15
    assert not [path for path in sorted(named) if not (root / path).exists()]


@pytest.mark.parametrize("package", ORDER)
def test_packages_import_only_from_those_before_them(root, package):
    wrong, allowed = [], {*ORDER[: ORDER.index(package) + 1], *GROUND, "__version__"}
    for path in sorted((root / "early_vision" / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "early_vision":
                parts = node.module.split(".")
                names = parts[1:2] or [alias.name for alias in node.names]
                wrong += [
                    f"{path.relative_to(root)}:{node.lineno} imports {name}" for name in names if name not in allowed
                ]
    assert not wrong
