"""lucid as it comes still runs, with its traps closed. In processes of its own: it changes TensorFlow for good."""

import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow
pytest.importorskip("lucid")

START = """
import sys
from pathlib import Path
import numpy as np
import tensorflow as tf
from early_vision.errors import InputError
from tools import lucid_reference as lucid
from early_vision.network.known import find_network
network = find_network("inceptionv1-tiny", Path(sys.argv[1]))
"""


def run(assets, code) -> str:
    program = START + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", program, str(assets)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_steps_seeds_and_modules(assets):
    """The same seed gives the same image, `steps` is the number of steps, and `tensorflow` is itself again."""
    out = run(assets, """
        calls = []
        api = lucid._import_lucid()
        Session = tf.compat.v1.Session
        run = Session.run
        def counting(self, fetches, *args, **kwargs):
            calls.append(fetches)
            return run(self, fetches, *args, **kwargs)
        Session.run = counting
        images = [lucid.render_neuron(network, "conv2d1", 3, size=32, steps=4, seed=s) for s in (0, 0, 1)]
        steps = [c for c in calls if isinstance(c, list) and len(c) == 2]
        print(len(steps), np.array_equal(images[0], images[1]), np.array_equal(images[0], images[2]), images[0].shape)
        import tensorflow
        print(tensorflow is tf, "tensorflow.contrib" in sys.modules)
    """)  # fmt: skip
    assert out.splitlines()[-2:] == ["12 True False (32, 32, 3)", "True False"]


@pytest.mark.slow
def test_a_mean_for_each_colour(assets):
    out = run(assets, """
        import dataclasses
        def image(mean):
            architecture = dataclasses.replace(network.architecture, input_mean=mean)
            return lucid.render_neuron(dataclasses.replace(network, architecture=architecture), "conv2d1", 3, size=32, steps=2)
        one, same, other = map(image, (117.0, (117.0, 117.0, 117.0), (60.0, 117.0, 200.0)))
        print(np.array_equal(one, same), np.array_equal(one, other))
    """)  # fmt: skip
    assert out.splitlines()[-1] == "True False"


@pytest.mark.slow
def test_traps(assets):
    out = run(assets, """
        for args in (("conv2d", 3), ("conv2d1", 64)):
            try:
                lucid.render_neuron(network, *args)
            except InputError as error:
                print(error)
        try:
            lucid.render_neuron(network, "conv2d1", 3, transforms=())
        except TypeError as error:
            print(error)
        import os, signal, threading
        threading.Timer(6, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            lucid.render_neuron(network, "mixed3b", 3, steps=10_000)
        except KeyboardInterrupt:
            print("interrupted")
    """)  # fmt: skip
    lines = out.splitlines()  # lucid prints things of its own between ours
    assert "there is no layer 'conv2d'. Did you mean \"conv2d2\"?" in lines
    assert "conv2d1 has no neuron 64. Its neurons are 0 to 63" in lines
    assert "transforms must be a list: lucid would silently use its defaults" in lines
    assert lines[-1] == "interrupted"
