"""What a build needs of a network that comes from elsewhere: its weights, fetched if that is wanted, and all that is
computed from them, computed where it is missing."""

import importlib.util
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from early_vision.article.article import networks_of
from early_vision.errors import InputError
from early_vision.features.recipe import ONE_PICTURE, Recipe, Request
from early_vision.network.known import find_network, home_of, network_home
from early_vision.network.release import GOOGLES
from early_vision.network.weights import Network

COMMAND = "make site WEIGHTS=1"
PREVIEW = Request(Recipe(steps=8, linear_steps=4), seeds=1, inhibiting=False, diverse=0)
"""For random numbers in the place of weights: pictures only stand in too."""

Say = Callable[[str], None]


def settle_weights(
    articles: Iterable[Path],
    assets: Path,
    wanted: bool | None,
    asked_for: bool,
    fetch: Callable[[], None],
    ask: Callable[[], bool] | None,
    say: Say,
) -> frozenset[str]:
    """See to the weights of the articles' networks, and say which networks to show without them.

    Args:
        articles: the articles to build.
        assets: holds networks/.
        wanted: True to fetch what is missing without asking, False to do without all of it, None to decide here.
        asked_for: whether the user named these articles, so that pages without weights would not be what they want.
        fetch: fetches the released weights.
        ask: asks whether to fetch them; None where there is nobody to ask.
        say: is told what the user should know.

    Raises:
        InputError: with the one command to run, when there is nobody to ask; or when they cannot be fetched.
    """
    if GOOGLES.network not in networks_of(articles):
        return frozenset()
    if wanted is False:
        return frozenset({GOOGLES.network})
    if network_home(GOOGLES.network, assets) is not None:
        return frozenset()
    if wanted or asked_for:
        if wanted is None and ask is None:
            what = f"the weights of {GOOGLES.network} are not here: 50 MB, which are fetched once"
            raise InputError(what, hint=f"Run: {COMMAND}. Without them: build.py build --without-weights")
        if wanted or (ask and ask()):
            need_tensorflow()
            fetch()
            return frozenset()
    say(f"{GOOGLES.network} is shown without its weights, which are not here. To complete it: {COMMAND}")
    return frozenset({GOOGLES.network})


def compute_missing(network: Network, home: Path, scratch: Path, say: Say, request: Request | None = None) -> None:
    """Compute what the site shows of a network, as far as it is missing. Broken off, the next call goes on with it.

    Args:
        network: whose.
        home: the folder that holds its weights in networks/; the results go to precomputed/.
        scratch: where results wait until they are complete.
        say: is told what is being done.
        request: which feature visualizations; by default all of them, or a preview for random weights.

    Raises:
        InputError: without TensorFlow, when anything has to be computed; or when results cannot be written.
    """
    from early_vision.circuits.network_circuits import circuits_folder
    from early_vision.circuits.symmetry_artifact import FILE, compute_symmetries
    from early_vision.cli.tuning import measure_network
    from early_vision.features import features_folder
    from early_vision.features.layer_artifact import index_path
    from early_vision.tuning import tuning_folder
    from early_vision.tuning.responses import responses_path

    request = request or (PREVIEW if network.stand_in else Request())
    layers, features, tuning = (
        network.architecture.layer_names,
        features_folder(home, network),
        tuning_folder(home, network),
    )
    # Whoever asked for one picture a neuron has all that was wanted.
    enough = (request, ONE_PICTURE)
    to_render = [
        name for name in layers if not any(index_path(features, network, one, name).is_file() for one in enough)
    ]
    to_measure = [name for name in layers if not responses_path(tuning, network, name).is_file()]
    if to_render or to_measure:
        need_tensorflow()
    if to_render:
        from early_vision.features.precompute import compute_here, precompute
        from early_vision.features.reading import reader
        from early_vision.features.units import renderer

        say(f"rendering the neurons of {network.name}, once; Ctrl-C loses nothing that is finished")
        precompute(network, request, features, scratch, compute_here(renderer(network)), reader(network), to_render)
    measure_network(network, tuning, layers, fresh=False, nulls=not network.stand_in)
    circuits = circuits_folder(home, network)
    if not (circuits / FILE).is_file():
        say(f"finding symmetries between the neurons of {network.name}")
        compute_symmetries(network, circuits)


def complete(names: Iterable[str], assets: Path, scratch: Path, say: Say) -> None:
    """Compute what is missing of those networks that lie in the user's cache. Those in the repository have it there.

    Raises:
        InputError: as `compute_missing` does.
    """
    for name in names:
        # Results in the repository are complete, wherever the weights are.
        home = home_of(name, assets)
        if network_home(name, assets) is not None and home != assets:
            compute_missing(find_network(name, assets), home, scratch / name, say)


def need_tensorflow() -> None:
    """Raises:
    InputError: without TensorFlow, with the command that installs it.
    """
    if importlib.util.find_spec("tensorflow") is None:
        hint = f"Run: {COMMAND}, which installs it. Without it: build.py build --without-weights"
        raise InputError("this has to be computed with TensorFlow, which is not installed", hint=hint)


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()
