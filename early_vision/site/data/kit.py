"""The kit for researchers: all data of an article in one archive, with a notebook to begin with."""

import io
import json
import zipfile
from collections.abc import Mapping

from early_vision.site.views.citing import Citing

PATH = "data/kit.zip"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the archive: the earliest that one can have, so that the same data are the same bytes."""


def in_kit(path: str) -> bool:
    """Whether a file of an article, by its path in the folder, is a table or JSON that goes into the archive."""
    return path.startswith("data/") and path.endswith((".csv", ".json"))


def kit(files: Mapping[str, bytes], citing: Citing) -> bytes:
    """The archive as bytes.

    Args:
        files: of the article, by path in its folder, as far as they are `in_kit`.
        citing: how the article is cited.
    """
    data = {path.removeprefix("data/"): content for path, content in files.items()}
    tables = [name for name in data if name.startswith("connections-") and name.endswith(".csv")]
    folder = f"{citing.network}-data"
    written = {
        "README.md": _read_me(citing, sorted(data)),
        "CITATION.bib": citing.article,
        "notebook.ipynb": _notebook(citing, sorted(tables)[-1:]),
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in sorted({**data, **{name: text.encode() for name, text in written.items()}}.items()):
            about = zipfile.ZipInfo(f"{folder}/{name}", EARLIEST)
            about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(about, content, compresslevel=9)
    return archive.getvalue()


def _read_me(citing: Citing, names: list[str]) -> str:
    listed = "\n".join(f"- `{name}`" for name in names)
    license = f"Text: {citing.license}. " if citing.license else ""
    return f"""# {citing.title}: data

Network: `{citing.network}`. {license}{citing.data_license}

Tables are described by the file beside them that ends in `-metadata.json` (W3C CSV on the Web), JSON files by
`schemas/` (JSON Schema). `notebook.ipynb` begins with them. Cite as `CITATION.bib` says.

{listed}
"""


def code(tables: list[str]) -> list[str]:
    """The notebook's five lines."""
    lines = [
        "import json, pandas as pd",
        'neurons = pd.read_csv("neurons.csv")',
        'groups = json.load(open("groups.json"))',
    ]
    if tables:
        layer = tables[0].removeprefix("connections-").removesuffix(".csv")
        lines += [
            f'inputs = pd.read_csv("{tables[0]}")',
            f'neurons[neurons.layer == "{layer}"].merge(inputs, on="channel").nlargest(20, "norm")'
            '[["channel", "group", "source", "kind", "norm", "excitation", "inhibition"]]',
        ]
    return lines


def _notebook(citing: Citing, tables: list[str]) -> str:
    heading = f"# {citing.title}\n\nThe neurons, their groups, and the strongest connections of the last layer."
    lines = code(tables)
    cells = [
        {"cell_type": "markdown", "id": "about", "metadata": {}, "source": heading.splitlines(keepends=True)},
        {
            "cell_type": "code",
            "id": "begin",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": [f"{line}\n" for line in lines[:-1]] + lines[-1:],
        },
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    book = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"
