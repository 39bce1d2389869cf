"""The beginning of an article: a folder that builds at once, for its author to go on from."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from string import Template

import yaml

from early_vision.article.article import SLUG
from early_vision.article.merge import PLACEHOLDER, merge
from early_vision.article.proposals import Proposal, propose
from early_vision.article.source import read_text
from early_vision.errors import InputError
from early_vision.network.weights import Network
from early_vision.tuning import LayerTuning


def write_new_article(
    folder: Path, network: Network, tuning: Mapping[str, LayerTuning], templates: Path, title: str | None = None
) -> tuple[Path, ...]:
    """Write the beginning of an article, all of it or nothing.

    Args:
        folder: where it goes; there must be nothing yet.
        network: what it is about.
        tuning: of every layer, from which neuron groups are proposed, or empty where nothing was measured.
        templates: holds new-article/.
        title: of the article; by default it follows from the folder's name.

    Returns:
        the files.

    Raises:
        InputError: when there is something already, or the name cannot be an address.
    """
    slug = folder.resolve().name
    if folder.exists() or folder.is_symlink():
        raise InputError("there is something here already", file=folder, hint="Choose a name that is not taken")
    if not SLUG.match(slug) or slug == "assets":
        hint = "Name it with lower-case letters, digits and hyphens; `assets` is taken"
        raise InputError(f'the folder name "{slug}" cannot be an article\'s address', file=folder, hint=hint)
    files = new_article(network, tuning, templates / "new-article", title or slug.replace("-", " ").capitalize())
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        try:
            scratch.chmod(0o755)
            for path, text in files.items():
                (scratch / path).parent.mkdir(exist_ok=True)
                (scratch / path).write_text(text, "utf-8")
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise InputError(f"the article cannot be written ({error.strerror})", file=folder) from error
    return tuple(folder / path for path in files)


def new_article(network: Network, tuning: Mapping[str, LayerTuning], texts: Path, title: str) -> dict[str, str]:
    """The files of a new article by their paths in its folder.

    Args:
        network, tuning, title: as for `write_new_article`.
        texts: holds the texts to begin with.
    """
    layers = network.architecture.layers
    front = {"title": title, "description": f"What the neurons of {network.name} respond to.", "network": network.name}
    front["bibliography"] = "bibliography.bib"
    section = Template(read_text(texts / "section.md"))
    sections = [section.substitute(layer=name, neurons=layer.neurons) for name, layer in layers.items()]
    text = Template(read_text(texts / "article.md")).substitute(
        front=yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=1000),
        neuron=f"{next(iter(layers))}:0",
        sections="\n".join(sections).rstrip("\n"),
    )
    groups = {
        f"groups/{name}.yaml": merge(None, name, proposed(network, tuning, name, layer.neurons))
        for name, layer in layers.items()
    }
    return {"article.md": text, "bibliography.bib": read_text(texts / "bibliography.bib"), **groups}


def proposed(network: Network, tuning: Mapping[str, LayerTuning], layer: str, neurons: int) -> tuple[Proposal, ...]:
    """The groups that a layer begins with; all neurons in one, to be proposed anew, where nothing was measured."""
    if layer in tuning:
        return propose(network, tuning[layer])
    return (Proposal(PLACEHOLDER, tuple(range(neurons)), None),)
