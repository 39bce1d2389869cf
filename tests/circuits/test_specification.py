"""A circuit in an article's text: read with its place, and everything that is wrong with it told with file and line."""

from pathlib import Path

import numpy as np
import pytest

from early_vision.article.blocks import read_blocks
from early_vision.article.circuits import circuit_problems, resolve_figure
from early_vision.article.source import Source
from early_vision.drawing.circuits import draw_figure

FILE = Path("article.md")


def read(tiny, connected, layout, body, typical=None):
    text = f"# Heading\n\n/// circuit | {layout}\n{body}\n///\n\nMore text.\n"
    _, (block,), problems = read_blocks(Source(FILE, text, first_line=11), tuple(tiny.architecture.layers))
    if problems:
        return None, problems
    circuit, wrong = resolve_figure(block.directive, tiny.architecture, connected, typical)
    return circuit, circuit_problems(block, wrong)


def test_one_part(tiny, connected):
    found, problems = read(
        tiny,
        connected,
        "rows",
        "title: Black and white\ntarget: mixed3a:52\ninputs: the 16 strongest",
    )
    assert problems == ()
    (part,) = found.parts
    assert str(part.target) == "mixed3a:52" and len(part.inputs) == 16
    assert part.inputs[0].share == 1 and part.inputs[0].neuron.layer == "conv2d2"


def test_parts_take_the_target_of_the_figure(tiny, connected):
    body = "title: Cues\ntarget: mixed3b:403\nparts:\n- {heading: A, inputs: [18]}\n- {heading: B, inputs: [33, 14]}"
    found, problems = read(tiny, connected, "cues", body)
    assert problems == () and [len(part.inputs) for part in found.parts] == [1, 2]


@pytest.mark.slow
def test_inputs_from_two_layers_below(tiny, connected):
    found, problems = read(
        tiny, connected, "around", "title: Apart\ntarget: mixed3b:351\nfrom: conv2d2\ninputs: the 3 strongest"
    )
    assert problems == ()
    assert found.parts[0].inputs[0].kernel.shape == (9, 9)


def test_two_steps(tiny, connected):
    found, problems = read(
        tiny, connected, "two-step", "title: T\ntarget: mixed3a:90\ninputs: [101, 115]\nthrough: the 3 strongest"
    )
    assert problems == ()
    behind = found.parts[0].behind
    assert [str(part.target) for part in behind] == ["conv2d2:101", "conv2d2:115"]
    assert {one.neuron.layer for part in behind for one in part.inputs} == {"conv2d1"}


def test_mirrored_inputs_stand_in_one_order(tiny, connected):
    body = "title: M\nparts:\n- {target: 'mixed3b:207', inputs: [8, 38]}\n- {target: 'mixed3b:295', inputs: [38, 8]}"
    found, _ = read(tiny, connected, "mirrored", body)
    assert [[one.neuron.channel for one in part.inputs] for part in found.parts] == [[8, 38], [8, 38]]


def test_scaling_by_typical_activation_is_labelled(tiny, connected):
    body = "title: S\ntarget: conv2d1:41\ninputs: the 4 strongest\nscaled: typical"
    found, problems = read(tiny, connected, "fan-in", body, typical=lambda layer: (np.arange(64.0), "mean activation"))
    assert problems == () and found.scaled_by == "mean activation"
    plain, _ = read(tiny, connected, "fan-in", body.replace("\nscaled: typical", ""))
    one = found.parts[0].inputs[0]
    same = connected("conv2d0", "conv2d1").kernel(one.neuron.channel, 41)
    np.testing.assert_allclose(one.kernel, same * one.neuron.channel, rtol=1e-6)
    assert plain.scaled_by is None


@pytest.mark.parametrize(
    ("layout", "body", "messages"),
    [
        (
            "fan-inn",
            "title: a\ntarget: conv2d1:4\ninputs: 3",
            ['article.md:13: there is no layout "fan-inn". Did you mean "fan-in"?'],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:99\ninputs: 3",
            ["article.md:15: there is no neuron 99 in conv2d1. Its neurons are 0 to 63"],
        ),
        (
            "rows",
            "title: a\ntarget: convd1:9\ninputs: 3",
            ['article.md:15: there is no layer "convd1". Did you mean "conv2d1"?'],
        ),
        (
            "rows",
            "title: a\ntarget: mixed3a\ninputs: 3",
            ['article.md:15: "mixed3a" is no neuron. Write it as layer and channel, such as mixed3a:0'],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\ninputs: the 4 strogest",
            ['article.md:16: "the 4 strogest" does not say which inputs. Did you mean "the 4 strongest"?'],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\ninputs: at least 120% of the largest",
            ["article.md:16: no input has 120% of the largest. The largest itself has 100%"],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\nfrom: mixed3a\ninputs: 3",
            ["article.md:16: no path leads from mixed3a to conv2d1. The layer before it is conv2d0"],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\nfrom: conv2d00\ninputs: 3",
            ['article.md:16: there is no layer "conv2d00". Did you mean "conv2d0"?'],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d0:9\ninputs: 3",
            ["article.md:13: conv2d0 reads the picture itself: it has no inputs that are neurons. Name a later layer"],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\ninput: 3",
            ['article.md:16: unknown key "input". Did you mean "inputs"?'],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9",
            ["article.md:13: the figure does not say which neuron and which inputs. Write `target: …` and `inputs: …`"],
        ),
        ("rows", "target: conv2d1:9\ninputs: 3", ['article.md:13: "title" is missing']),
        (
            "rows",
            "",
            ['article.md:13: "title" is missing'],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\ninputs: 3\nby: nrom",
            ['article.md:17: `by` cannot be "nrom". Did you mean "norm"?'],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\ninputs: 3\nscaled: typical",
            ["article.md:17: typical activations were not measured for this network. Remove `scaled`, or measure them"],
        ),
        (
            "rows",
            "title: a\ntarget: conv2d1:9\ninputs: 3\nthrough: the 2 strongest",
            ["article.md:17: the layout rows takes no `through`. Remove it"],
        ),
        (
            "two-step",
            "title: a\ntarget: conv2d2:9\ninputs: 3",
            ["article.md:13: a figure in two steps needs `through`. Such as `through: the 4 strongest`"],
        ),
        (
            "mirrored",
            "title: a\nparts:\n- {target: 'mixed3b:1', inputs: 3}",
            ["article.md:15: the layout mirrored takes 2 parts, not 1"],
        ),
        (
            "cues",
            "title: a\ntarget: mixed3b:4\nparts:\n- inputs: [999]\n- {heading: x, inputs: 3}",
            ["article.md:17: part 1 has no `heading`. Name the cue that its inputs have in common"],
        ),
        (
            "cues",
            "title: a\ntarget: mixed3b:4\nparts:\n- {heading: y, inputs: [999]}\n- {heading: x, inputs: the 3 weakest}",
            [
                "article.md:17: there is no neuron 999 in mixed3a. Its neurons are 0 to 255",
                'article.md:18: "the 3 weakest" does not say which inputs. Did you mean "the 3 strongest"?',
            ],
        ),
        ("rows", "title: [", None),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tiny, connected, layout, body, messages):
    found, problems = read(tiny, connected, layout, body)
    assert found is None
    if messages is None:
        assert len(problems) == 1 and "the YAML cannot be read" in str(problems[0])
    else:
        assert [str(problem) for problem in problems] == messages


def test_without_weights_a_figure_says_who_feeds_whom_and_no_more(tiny):
    body = (
        "title: t\nparts:\n- {target: 'conv2d1:30', inputs: [22, 39], heading: One}\n"
        "- {target: 'conv2d1:55', inputs: the 6 strongest}"
    )
    circuit, problems = read(tiny, None, "fan-in", body)
    assert problems == () and not circuit.weighted
    assert [one.kind for part in circuit.parts for one in part.inputs] == [0, 0]
    figure = draw_figure(circuit)
    assert not figure.has_kernels
    assert figure.description == (
        "One: conv2d1:30 is fed by conv2d0:22, conv2d0:39. "
        "conv2d1:55 is fed by the inputs that the rule “the 6 strongest” selects."
    )
    for drawing in figure.drawings.values():
        assert {shape.sign for shape in (*drawing.tiles, *drawing.lines)} == {0}
    circuit, (problem,) = read(tiny, None, "fan-in", "title: t\ntarget: conv2d1:30\ninputs: [64]")
    assert circuit is None and problem.message == "there is no neuron 64 in conv2d0"
