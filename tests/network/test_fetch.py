"""Fetching weights from a server on loopback that does what servers and connections do, and from archives made to harm."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from archive_server import Reply, serving
from stand_in_archive import archive_of, release_of, stand_in_graph

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.download import Manners
from early_vision.network.fetch import fetch_network, mirror_address
from early_vision.network.known import find_network
from early_vision.network.provenance import read_provenance
from early_vision.network.release import GOOGLES, Fingerprint
from early_vision.network.stand_in import stand_in_tensors

NAME = GOOGLES.file_name


@pytest.fixture(scope="module")
def graph():
    return stand_in_graph().SerializeToString()


@pytest.fixture(scope="module")
def archive(graph):
    return archive_of(graph)


@pytest.fixture(scope="module")
def release(archive, graph):
    return release_of(archive, graph)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "early-vision"


class Fetching:
    """One fetch after another into a cache; what was said and how long was waited."""

    def __init__(self, release, cache):
        self.release, self.cache, self.said, self.waits = release, cache, [], []

    def __call__(self, url, release=None, timeout=5.0):
        manners = Manners(timeout, self.waits.append)
        return fetch_network(release or self.release, INCEPTIONV1, self.cache, self.said.append, url, manners)

    def refused(self, url, release=None):
        """The error, once it is certain that nothing half-done is left in the place of the weights."""
        with pytest.raises(InputError) as error:
            self(url, release)
        assert not list((self.cache / "networks").glob("*"))
        return error.value

    def partial(self):
        return self.cache / "downloads" / f"{NAME}.part"


@pytest.fixture
def fetching(release, cache):
    return Fetching(release, cache)


def assert_kept(cache, assets):
    """The network is found by its name, with the numbers that were served, in half precision, and nothing else is left."""
    network = find_network("inceptionv1", assets)
    for name, value in stand_in_tensors(INCEPTIONV1).items():
        np.testing.assert_array_equal(network.weights[name], value.astype(np.float16))
    assert sorted(path.relative_to(cache).as_posix() for path in cache.rglob("*")) == [
        "networks", "networks/inceptionv1.json", "networks/inceptionv1.npz"]  # fmt: skip
    assert 1.35e6 < (cache / "networks/inceptionv1.npz").stat().st_size < 1.37e6
    return network


def test_a_good_download(fetching, cache, archive, release, assets):
    with serving(archive, NAME) as server:
        fetching(server.url)
    assert server.requests == [(f"/{NAME}", None)] and fetching.said == []
    network = assert_kept(cache, assets)
    assert network.stand_in, "the release of the test says that its numbers are random"
    record = read_provenance(cache / "networks/inceptionv1.npz", network.weights)
    assert (record.source, record.archive, record.graph) == (server.url, release.archive, release.graph)
    assert record.is_of(replace(release)) is False, "random numbers are never Google's"


def test_the_same_bytes_every_time(fetching, cache, archive):
    kept = []
    with serving(archive, NAME) as server:
        for _ in range(2):
            fetching(server.url)
            kept.append([path.read_bytes() for path in sorted((cache / "networks").iterdir())])
    assert kept[0] == kept[1]


def test_a_connection_that_breaks_is_gone_on_with(fetching, cache, archive, assets):
    third = len(archive) // 3
    with serving(archive, NAME, Reply(cut=third), Reply(cut=third)) as server:
        fetching(server.url)
    assert [part for _, part in server.requests] == [None, f"bytes={third}-", f"bytes={2 * third}-"]
    assert_kept(cache, assets)
    assert fetching.waits == [1, 1] and "the connection broke off after" in fetching.said[0]


def test_a_server_without_ranges_is_asked_for_all_again(fetching, cache, archive, assets):
    with serving(archive, NAME, Reply(cut=1000), Reply(ranges=False)) as server:
        fetching(server.url)
    assert_kept(cache, assets)


def test_a_later_run_goes_on(fetching, cache, archive, assets):
    fetching.partial().parent.mkdir(parents=True)
    fetching.partial().write_bytes(archive[:200_000])
    with serving(archive, NAME) as server:
        fetching(server.url)
    assert server.requests == [(f"/{NAME}", "bytes=200000-")]
    assert_kept(cache, assets)


@pytest.mark.parametrize("left", [b"x" * 5000, b"x" * 10_000_000], ids=["the start of another file", "too much"])
def test_remains_that_do_not_belong_to_it(fetching, cache, archive, assets, left):
    fetching.partial().parent.mkdir(parents=True)
    fetching.partial().write_bytes(left)
    with serving(archive, NAME) as server:
        fetching(server.url)
    assert server.requests[-1] == (f"/{NAME}", None)
    assert_kept(cache, assets)


@pytest.mark.parametrize("wrong", [Reply(content_range="bytes 0-9/10"), Reply(status=416)], ids=["other part", "416"])
def test_a_wrong_part_is_not_joined(fetching, cache, archive, assets, wrong):
    with serving(archive, NAME, Reply(cut=1000), wrong) as server:
        fetching(server.url)
    assert [part for _, part in server.requests] == [None, "bytes=1000-", None]
    assert_kept(cache, assets)


def test_404_once_and_503_several_times_then_success(fetching, cache, archive, assets):
    replies = [Reply(404), Reply(503, {"Retry-After": "7"}), Reply(503), Reply(503)]
    with serving(archive, NAME, *replies) as server:
        fetching(server.url)
    assert fetching.waits == [1, 7, 4, 8] and "the server answers 404 Not Found" in fetching.said[0]
    assert_kept(cache, assets)


@pytest.mark.parametrize(("status", "requests"), [(404, 2), (403, 1), (503, 6)])
def test_a_server_that_refuses_for_good(fetching, archive, status, requests):
    with serving(archive, NAME, *[Reply(status)] * 10) as server:
        error = fetching.refused(server.url)
    assert f"the server answers {status}" in error.message and "--mirror URL" in error.hint
    assert len(server.requests) == requests


def test_nobody_there(fetching):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = fetching.refused(f"http://127.0.0.1:{free.getsockname()[1]}/{NAME}")
    assert "refused" in error.message and fetching.waits == [1, 2, 4, 8, 16]


def test_redirects_are_followed(fetching, cache, archive, assets):
    with serving(
        archive, NAME, Reply(302, {"Location": "{url}?moved"}), Reply(cut=500), Reply(307, {"Location": "/a"})
    ) as server:
        fetching(server.url)
    assert server.requests[1] == (f"/{NAME}?moved", None)
    assert server.requests[3] == ("/a", "bytes=500-"), "the part is asked for at the new place too"
    assert_kept(cache, assets)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "{url}"], ids=["to a file of the reader's", "to itself"])
def test_redirects_that_lead_nowhere(fetching, archive, target):
    with serving(archive, NAME, *[Reply(302, {"Location": target})] * 30) as server:
        assert "the server answers 302" in fetching.refused(server.url).message
    assert len(server.requests) < 15


def test_a_slow_trickle_arrives(fetching, cache, archive, assets):
    with serving(archive, NAME, Reply(piece=len(archive) // 40, pause=0.03)) as server:
        fetching(server.url, timeout=0.5)
    assert len(server.requests) == 1
    assert_kept(cache, assets)


def test_a_connection_that_falls_silent_is_given_up_and_gone_on_with(fetching, cache, archive, assets):
    with serving(archive, NAME, Reply(piece=100_000, pause=1.5)) as server:
        fetching(server.url, timeout=0.3)
    assert server.requests == [(f"/{NAME}", None), (f"/{NAME}", "bytes=100000-")]
    assert_kept(cache, assets)


@pytest.mark.parametrize("announce", [True, False])
@pytest.mark.parametrize(
    "body", [b"<html>Please log in to the airport</html>", b"x" * 5_000_000], ids=["small", "large"]
)
def test_another_file(fetching, body, announce):
    with serving(body, NAME, *[Reply(announce=announce)] * 9) as server:
        error = fetching.refused(server.url)
    if announce or len(body) > 1e6:
        assert "it is another file" in error.message or "more than the" in error.message
        assert len(server.requests) == 1, "there is no sense in asking again"
    assert not fetching.partial().exists() or fetching.partial().stat().st_size <= fetching.release.archive.size


def test_a_wrong_hash(fetching, archive):
    changed = bytearray(archive)
    changed[len(archive) // 2] ^= 1
    with serving(bytes(changed), NAME) as server:
        error = fetching.refused(server.url)
    assert "its SHA-256 is" in error.message and fetching.release.archive.sha256 in error.message
    assert not fetching.partial().exists(), "a wrong file is not gone on with"


def test_a_wrong_graph_in_the_right_archive(fetching, archive, release):
    with serving(archive, NAME) as server:
        error = fetching.refused(server.url, replace(release, graph=Fingerprint("0" * 64, release.graph.size)))
    assert "in the archive is another one" in error.message


def test_a_mirror_may_be_a_folder():
    assert mirror_address(GOOGLES, None) == GOOGLES.url
    assert mirror_address(GOOGLES, "https://mirror.example/models/") == f"https://mirror.example/models/{NAME}"
    assert mirror_address(GOOGLES, "http://mirror.example/i.zip") == "http://mirror.example/i.zip"
    for wrong in ("ftp://mirror.example", "/home/me/inception5h.zip", "file:///inception5h.zip", "mirror.example"):
        with pytest.raises(InputError, match="is no address to download from"):
            mirror_address(GOOGLES, wrong)


def zip_of(**entries):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return archive.getvalue()


def bomb():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file, file.open(GOOGLES.graph_name, "w") as entry:
        for _ in range(300):
            entry.write(bytes(1 << 20))
    return archive.getvalue()


def unusable(change):
    """The archive with a graph that lacks something."""
    graph = stand_in_graph()
    change({node.name: node for node in graph.node}, graph)
    return archive_of(graph.SerializeToString())


def tensor(name, array):
    return lambda nodes, graph: nodes[name].attr["value"].tensor.CopyFrom(tf.make_tensor_proto(array))


HARMFUL = {
    "a bomb": (bomb, "would be 300 MiB"),
    "path traversal": (lambda: zip_of(**{"../evil.txt": b"x", GOOGLES.graph_name: b"x"}), "entry '../evil.txt' of the archive lies outside"),
    "an absolute path": (lambda: zip_of(**{"/tmp/evil.txt": b"x"}), "entry '/tmp/evil.txt' of the archive lies outside"),
    "a drive": (lambda: zip_of(**{"C:\\evil.txt": b"x"}), "of the archive lies outside"),
    "no graph": (lambda: zip_of(**{"readme.txt": b"x"}), f"the archive has no entry named {GOOGLES.graph_name}"),
    "two graphs": (lambda: zip_of(**{f"{i}/{GOOGLES.graph_name}": b"x" for i in "ab"}), "the archive has 2 entries named"),
    "very many entries": (lambda: zip_of(**{str(i): b"" for i in range(1001)}), "the archive has 1001 entries"),
    "NaN": (lambda: unusable(tensor("conv2d1_b", np.full(64, np.nan, "f4"))), "tensor conv2d1_b has a value that is not finite, at index (0,)"),
    "a missing node": (lambda: unusable(lambda nodes, graph: graph.node.remove(nodes["conv2d1_b"])), "node conv2d1_b is missing"),
    "a wrong shape": (lambda: unusable(tensor("conv2d1_b", np.zeros(32, "f4"))), "it has the shape (32,), but the architecture needs (64,)"),
    "no zip": (lambda: b"no zip at all", "the archive is damaged"),
    "no protocol buffer": (lambda: zip_of(**{GOOGLES.graph_name: b"\xff" * 100}), "this is no frozen TensorFlow graph"),
}  # fmt: skip


@pytest.mark.parametrize("what", HARMFUL)
def test_a_harmful_archive(fetching, cache, release, what):
    """With its own hash for right: should the pinned one ever fail to protect."""
    make, message = HARMFUL[what]
    content = make()
    own = release_of(
        content, b"" if len(content) < 1e6 else zipfile.ZipFile(io.BytesIO(content)).read(GOOGLES.graph_name)
    )
    with serving(content, NAME) as server:
        assert message in str(fetching.refused(server.url, own))
    assert {path.name for path in cache.parent.rglob("*")} <= {"early-vision", "downloads", f"{NAME}.part"}


def build(root, cache, *arguments):
    environment = os.environ | {"XDG_CACHE_HOME": str(cache.parent)}
    return subprocess.Popen([sys.executable, "build.py", *arguments], cwd=root, env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def test_the_command_checks_a_mirror_against_googles_own_hash(root, cache):
    with serving(b"x" * GOOGLES.archive.size, NAME) as server:
        process = build(root, cache, "weights", "fetch", "inceptionv1", "--mirror", server.url.removesuffix(NAME))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2 and "Traceback" not in errors
    assert f"not {GOOGLES.archive.sha256}" in errors and "Fetching inception5h.zip: 49938 of 49938 kB" in errors
    assert server.requests == [(f"/{NAME}", None)]


def test_ctrl_c_keeps_what_came(root, cache):
    with serving(b"x" * GOOGLES.archive.size, NAME, Reply(piece=1 << 16, pause=0.05)) as server:
        process = build(root, cache, "weights", "fetch", "--mirror", server.url)
        partial, deadline = cache / "downloads" / f"{NAME}.part", time.monotonic() + 60
        while not (partial.is_file() and partial.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and errors.rstrip().endswith("interrupted"), errors
    assert 0 < partial.stat().st_size < GOOGLES.archive.size


def test_a_stand_in_is_said_to_be_one(root, cache):
    def run(*arguments):
        process = build(root, cache, "weights", *arguments)
        return *process.communicate(timeout=60), process.returncode

    assert "inceptionv1: not here. To fetch it: python build.py weights fetch inceptionv1" in run("info")[0]
    absent = run("info", "inceptionv1")
    assert absent[2] == 2 and "Run: python build.py weights fetch inceptionv1" in absent[1]
    assert run("stand-in")[2] == 0
    assert (
        "inceptionv1: 5 layers, 1,056 neurons, 676,848 weights and biases, random numbers that stand in"
        in run("info")[0]
    )
    assert "taxonomy   no: these are random numbers" in run("info", "inceptionv1")[0]
    unknown = run("fetch", "inceptionv2")[1]
    assert unknown.startswith(
        "error: there is nothing to fetch for 'inceptionv2'. Did you mean \"inceptionv1\"? To be fetched: googlenet, "
    )


@pytest.mark.slow
def test_an_archive_as_large_as_googles(cache, assets):
    graph = stand_in_graph(whole=True)
    data = graph.SerializeToString()
    assert abs(len(data) / GOOGLES.graph.size - 1) < 0.01, "the sizes of the layers above are right"
    assert [node.op for node in graph.node].index("Placeholder") == sum(node.op == "Const" for node in graph.node)
    content = archive_of(data)
    with serving(content, NAME, Reply(cut=30_000_000)) as server:
        fetch_network(
            release_of(content, data), INCEPTIONV1, cache, lambda _: None, server.url, Manners(wait=lambda _: None)
        )
    assert find_network("inceptionv1", assets).stand_in
    record = json.loads((cache / "networks/inceptionv1.json").read_text())
    assert record["graph"]["size"] == len(data)
