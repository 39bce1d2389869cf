"""A site without weights: the same, byte for byte, as the one that is made from them."""

import re
from pathlib import Path

import numpy as np
import pytest
from stand_in import ROOT, embedded_tests, embedded_tuning, stand_in_features

from early_vision.circuits.artifact import FILE, compute_connections, read_connections
from early_vision.circuits.network_circuits import NetworkCircuits, circuits_folder
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.known import find_network_or_outline, write_record
from early_vision.network.npz import read_npz
from early_vision.network.weights import network_from_tensors
from early_vision.site.build import build_site
from early_vision.site.named_connections import named_by_articles
from early_vision.site.writing import MANIFEST

pytestmark = pytest.mark.slow

NAME = "inceptionv1-2015"
LIVE_LINK = re.compile(
    rb'<a href="[./]*live\.html[^"]*">On your own picture</a>(\n|: the network, computed in the page\. )|, <a href="live\.html">on your own picture</a>'
)


def test_site_without_weights_is_that_with_them(tiny, content, site, tmp_path):
    """The embedded article, which has circuits in one and two steps and claims about weights."""
    hidden = tmp_path / "assets"
    hidden.mkdir()
    for path in (ROOT / "assets").iterdir():
        if path.name not in ("networks", "precomputed"):
            (hidden / path.name).symlink_to(path)
    folder = circuits_folder(hidden, tiny)
    compute_connections(tiny, named_by_articles(content.glob("*/article.md"), tiny, folder), folder)
    write_record(hidden, tiny)
    states = []

    def load_circuits(network):
        states.append(network.state)
        kept = read_connections(network, folder)
        return NetworkCircuits(network, kept.wiring, {}, None, dict(kept.apart), *embedded_tests(network))

    out = tmp_path / "site"
    build_site(
        [content / "early-vision-tiny"],
        assets=hidden,
        templates=ROOT / "templates",
        out=out,
        load_features=stand_in_features,
        load_tuning=embedded_tuning,
        load_circuits=load_circuits,
    )
    assert states == ["computed"]
    with_weights, without = (
        {path.relative_to(one): path for path in one.rglob("*") if path.is_file()} for one in (site, out)
    )
    # What runs the network is there only with its weights, and so are the links to it.
    assert with_weights.keys() - without.keys() == {
        Path("early-vision-tiny", one) for one in ("live.html", "data/live.js")
    }
    assert not without.keys() - with_weights.keys() and len(without) > 3000
    differing = [
        name
        for name, path in without.items()
        if name.name != MANIFEST and path.read_bytes() != LIVE_LINK.sub(b"", with_weights[name].read_bytes())
    ]
    assert not differing


def test_committed_connections_are_those_of_the_published_weights(shared, assets, tmp_path):
    h5py = pytest.importorskip("h5py")
    folder = shared / "networks" / "inception-2015"
    if not folder.is_dir():
        pytest.skip("needs shared/networks/inception-2015")
    tensors = {}
    for path in folder.glob("*.h5"):
        with h5py.File(path) as file:
            (value,) = (file[name][()] for name in file)
        # One output channel after another.
        tensors[path.stem] = value.transpose(1, 2, 3, 0) if value.ndim == 4 else value
    network = network_from_tensors(NAME, tensors, INCEPTIONV1, folder)
    assert network.sha256 == find_network_or_outline(NAME, assets).sha256
    kept = circuits_folder(assets, network)
    named = named_by_articles(sorted((ROOT / "content").glob("*/article.md")), network, kept)
    again = read_npz(compute_connections(network, named, tmp_path))
    committed = read_npz(kept / FILE)
    assert committed.keys() == again.keys()
    for name, value in committed.items():
        assert value.dtype == again[name].dtype
        np.testing.assert_allclose(value, again[name], rtol=1e-5, atol=1e-7)


def test_results_take_at_most_24_megabytes(assets):
    files = [path for path in (assets / "precomputed" / NAME).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 24e6
