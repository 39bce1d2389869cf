"""The known networks: their entries, and fetching them from the real files served on loopback, to the pinned hashes."""

import contextlib
import functools
import http.server
import shutil
import threading

import h5py
import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from early_vision.errors import InputError
from early_vision.network.architecture import INCEPTIONV1
from early_vision.network.catalogue import read_catalogue
from early_vision.network.download import Manners
from early_vision.network.fetch import fetch_files
from early_vision.network.imports import import_known
from early_vision.network.known import find_network, state_of
from early_vision.network.published import check_file
from early_vision.network.release import GOOGLES
from early_vision.network.stand_in import stand_in_tensors
from early_vision.network.weights import hash_tensors
from early_vision.network.weights_file import fingerprint

FOLDERS = {"inceptionv1-2015": "inception-2015", "googlenet": "googlenet-bvlc", "squeezenet": "squeezenet", "resnet18-binary": "resnet18-binary",
           "resnet18-binary-stage1-float": "resnet18-binary"}  # fmt: skip
PATIENCE = Manners(5.0, lambda _: None)


@contextlib.contextmanager
def serving_folder(folder):
    """A folder at an address; the paths that were asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "early-vision"


@pytest.fixture
def published(tmp_path):
    """A known network whose numbers are random: its assets, and the folder that its files are published in."""
    tensors = {k: v for k, v in stand_in_tensors(INCEPTIONV1).items()}
    folder, files = tmp_path / "published", []
    folder.mkdir()
    for name, value in tensors.items():
        path = folder / f"{name}.h5"
        with h5py.File(path, "w") as file:
            file[name] = value.transpose(3, 0, 1, 2) if value.ndim == 4 else value
        own = fingerprint(path.read_bytes())
        files.append({"path": path.name, "bytes": own.size, "sha256": own.sha256, "tensor": name})
    words = dict.fromkeys(("title", "about", "trained_by", "trained_on", "licence", "cite"), "for tests")
    source = {"address": "https://nowhere.invalid/", "tried": "no", "format": "hdf5", "layout": "OHWI", "files": files}
    entry = words | {"architecture": "inceptionv1", "tensors": hash_tensors(tensors), "source": source}
    catalogue = tmp_path / "assets" / "networks" / "catalogue"
    catalogue.mkdir(parents=True)
    (catalogue / "stand-in.yaml").write_text(yaml.safe_dump(entry))
    return tmp_path / "assets", folder


def test_the_entries_agree_with_the_code_and_the_repository(assets, tiny):
    known = read_catalogue(assets)
    googles = known["inceptionv1"].source
    assert f"{googles.address}{googles.files[0].path}" == GOOGLES.url
    assert googles.files[0].fingerprint == GOOGLES.archive
    assert (googles.graph.path, googles.graph.fingerprint) == (GOOGLES.graph_name, GOOGLES.graph)
    assert known["inceptionv1-tiny"].tensors == hash_tensors(tiny.weights)
    for entry in known.values():
        assert entry.architecture.layers
        if entry.source and entry.source.format != "graph":
            assert entry.tensors


@pytest.mark.parametrize("name", FOLDERS)
def test_the_real_files_end_at_the_pinned_hash(name, assets, shared, cache, tmp_path):
    entry = read_catalogue(assets)[name]
    folder = shared / "networks" / FOLDERS[name]
    if len(entry.source.files) == 1:
        # The one file of a residual network is called otherwise in ../shared: by its hash.
        shutil.copy(next(path for path in folder.iterdir() if check_file(entry.source.files[0], path)),
                    tmp_path / entry.source.files[0].path)  # fmt: skip
        folder = tmp_path
    with serving_folder(folder) as (address, asked):
        fetch_files(entry, cache, lambda _: None, address, PATIENCE)
    assert sorted(asked) == sorted(f"/{file.path}" for file in entry.source.files), "nothing else is fetched"
    network = find_network(name, assets)
    assert hash_tensors(network.weights) == entry.tensors and network.architecture == entry.architecture
    assert [path.name for path in cache.iterdir()] == ["networks"], "the downloads are removed"


@pytest.mark.parametrize("name", FOLDERS)
def test_the_real_files_from_a_folder(name, assets, shared, tmp_path):
    entry = read_catalogue(assets)[name]
    network = import_known(entry, shared / "networks" / FOLDERS[name], tmp_path)
    assert hash_tensors(network.weights) == entry.tensors


def test_stand_ins_are_fetched_gone_on_with_and_found(published, cache):
    assets, folder = published
    entry, said = read_catalogue(assets)["stand-in"], []
    kept = folder / "conv2d2_w.h5"
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with serving_folder(folder) as (address, asked), pytest.raises(InputError, match="is another file: its SHA-256 is"):
        fetch_files(entry, cache, said.append, address, PATIENCE)
    assert state_of("stand-in", assets) == "absent"
    kept.write_bytes(whole)
    before = set(asked)
    part = cache / "downloads" / "stand-in" / "mixed3b_1x1_w.h5.part"
    part.write_bytes(b"of another file")
    with serving_folder(folder) as (address, asked):
        fetch_files(entry, cache, said.append, address, PATIENCE)
    assert set(asked) & before == {"/conv2d2_w.h5"}, "files that are there are not fetched again"
    assert "files that are there" in said[0] and state_of("stand-in", assets) == "here"
    assert hash_tensors(find_network("stand-in", assets).weights) == entry.tensors
    assert not (cache / "downloads").exists()


def test_files_of_other_names_are_known_by_their_hash(published, tmp_path):
    assets, folder = published
    for i, path in enumerate(sorted(folder.iterdir())):
        path.rename(folder / f"file{i}")
    entry = read_catalogue(assets)["stand-in"]
    import_known(entry, folder, tmp_path / "networks")
    (folder / "file0").unlink()
    with pytest.raises(InputError, match=r"conv2d0_b\.h5 is missing"):
        import_known(entry, folder, tmp_path / "networks")


def test_wrong_tensors_in_right_files(published, tmp_path):
    assets, folder = published
    path = assets / "networks" / "catalogue" / "stand-in.yaml"
    entry = yaml.safe_load(path.read_text()) | {"tensors": "0" * 64}
    path.write_text(yaml.safe_dump(entry))
    with pytest.raises(InputError, match="the tensors of stand-in are others than expected"):
        import_known(read_catalogue(assets)["stand-in"], folder, tmp_path / "networks")
    assert not (tmp_path / "networks").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"architecture": "absent.yaml"}, "architecture: there is no file"),
        ({"tensors": None}, "source: the hash of the tensors is missing"),
        ({"title": ""}, "title: String should have at least 1 character"),
    ],
)
def test_entries_are_strict(published, change, message):
    assets, _ = published
    path = assets / "networks" / "catalogue" / "stand-in.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | change))
    with pytest.raises(Exception, match=message) as error:
        read_catalogue(assets)
    assert f"{path}:" in str(error.value)


def test_paths_cannot_leave_the_folder(published):
    assets, _ = published
    path = assets / "networks" / "catalogue" / "stand-in.yaml"
    entry = yaml.safe_load(path.read_text())
    for wrong in ("../evil.h5", "/etc/passwd", "a/../../b", "a//b", ""):
        entry["source"]["files"][0]["path"] = wrong
        path.write_text(yaml.safe_dump(entry))
        with pytest.raises(Exception, match=r"source.files.0.path: String should match"):
            read_catalogue(assets)


def test_the_commands(cache, shared):
    from early_vision.cli import main

    run = CliRunner().invoke
    listed = " ".join(run(main, ["weights", "list"]).output.split())
    assert "inceptionv1-tiny here" in listed and "inceptionv1-2015 computed; weights: 2.8 MB in 30 files" in listed
    assert "googlenet computed; weights: 2.7 MB in 30 files" in listed
    assert "resnet18-binary to be fetched: 3.6 MB in 1 file" in listed
    with serving_folder(shared / "networks" / "inception-2015") as (address, _):
        done = run(main, ["weights", "fetch", "inceptionv1-2015", "--mirror", address])
    assert done.exit_code == 0, done.output
    assert "inceptionv1-2015 here" in " ".join(run(main, ["weights", "list"]).output.split())
    info = run(main, ["weights", "info", "inceptionv1-2015"]).output
    assert "tensors    SHA-256 babbd875" in info and "licence    Apache-2.0" in info
    unknown = run(main, ["weights", "fetch", "squeezenets"])
    assert unknown.exit_code == 2 and "To be fetched: googlenet, inceptionv1, inceptionv1-2015" in unknown.output
    assert 'Did you mean "squeezenet"?' in unknown.output
    shutil.rmtree(cache)
    folder = str(shared / "networks" / "inception-2015")
    assert run(main, ["weights", "import", "inceptionv1-2015", folder]).exit_code == 0
    wrong = run(main, ["weights", "import", "inceptionv1-2016", folder])
    assert wrong.exit_code == 2 and 'Did you mean "inceptionv1-2015"?' in wrong.output
    np.testing.assert_equal(state_of("inceptionv1-2015", cache), "here")
