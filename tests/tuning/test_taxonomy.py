"""The taxonomy of the embedded network: complete, balanced, and true to what was measured."""

import re

import numpy as np
import pytest

from early_vision.article.merge import merge
from early_vision.article.proposals import propose
from early_vision.article.tuning_claims import check_claim
from early_vision.drawing.tuning_plots import STANDS_OUT, group_plot
from early_vision.tuning.explain import explain
from early_vision.tuning.families import ENOUGH
from early_vision.tuning.shares import compare_groups, compare_shares, kind_of

CATCH_ALL = re.compile(r"other|misc|not yet grouped", re.IGNORECASE)

CLAIMS = """
every conv2d0 phase_modulation at least 1.2
every group_conv2d1_complex_gabor phase_modulation at most 0.3
every group_conv2d1_complex_gabor orientation_selectivity at least 0.5
every group_conv2d1_complex_gabor colour_selectivity at most 0.5
median conv2d1 phase_modulation at most 0.15
count conv2d1 phase_modulation at least 1 is 9
count group_conv2d2_gabor_textures orientation near 0 within 10 is 4
count group_conv2d2_gabor_textures orientation near 90 within 10 is 6
every group_mixed3a_color_contrast hue near 300 within 20
median group_conv2d1_edges edge_selectivity at least 0.85
median group_conv2d0_edges edge_selectivity at most 0.75
conv2d1:22 orientation near 5 within 5
conv2d1:41 orientation near 90 within 5
conv2d1:21 to_lines at least 0.9
conv2d1:56 to_lines at least 0.9
conv2d1:60 to_lines at least 0.89
conv2d1:61 hue near 70 within 10
every group_conv2d1_color uniform_colour at least 0.7
conv2d1:10 hue near 60 within 10
count group_conv2d1_color hue near 0 within 30 is 0
every group_conv2d1_color_contrast colour_edge_selectivity at least 0.3
every group_conv2d1_color_contrast uniform_colour at most 0.7
every group_conv2d1_color_center_surround colour_surround at least 0.15
every group_conv2d1_color_center_surround colour_edge_selectivity at most 0.3
every group_conv2d1_multicolor hue_selectivity at most 0.15
median group_conv2d1_multicolor orientation_selectivity at most 0.1
every group_conv2d1_edges edge_selectivity at least 0.5
every group_conv2d1_hatch second_orientation at least 0.5
every group_conv2d1_hatch frequency at least 0.3
every group_conv2d1_textures orientation_selectivity at most 0.2
conv2d1:39 colour_selectivity at most 0.2
conv2d1:49 colour_selectivity at most 0.2
conv2d1:51 to_spots at least 0.9
conv2d1:51 to_corners at least 0.9
every group_conv2d2_bw_vs_color least_chromatic_inhibition at least 0
every group_mixed3a_bw_vs_color chromatic_inhibition at least 0.1
every group_conv2d2_color uniform_colour at least 0.65
conv2d2:24 hue near 270 within 20
conv2d2:136 hue near 270 within 35
conv2d2:90 hue near 240 within 20
conv2d2:174 hue near 140 within 20
conv2d2:33 hue near 330 within 30
conv2d2:65 hue near 10 within 20
every group_conv2d2_color_contrast colour_edge_selectivity at least 0.3
every group_conv2d2_color_center_surround colour_selectivity at least 0.45
every group_conv2d2_color_center_surround colour_edge_selectivity at most 0.42
every group_conv2d2_line line_over_edge at least 0
most group_conv2d2_line curvature at most 0
every group_conv2d2_gabor_textures phase_modulation at most 1
median group_conv2d2_gabor_textures orientation_selectivity at least 0.8
every group_conv2d2_gabor_filters phase_modulation at least 1
conv2d2:180 curvature at most 0
median group_conv2d2_textures noise_over_shapes at least 0
conv2d2:124 to_gradients at least 0.3
every group_conv2d2_hatch_textures hatch_over_stripes at least 0.02
every group_conv2d2_circles circle_over_curve at least -0.03
count group_conv2d2_line_divergence cross_over_lines at least 0 is 4
every group_conv2d2_boundary boundary at least 0.15
most group_conv2d2_boundary cues_together at least 0.1
every group_conv2d2_edges line_over_edge at most 0.1
every group_conv2d2_edges edge_selectivity at least 0.25
every group_conv2d2_high_low_frequency high_low at least 0.3
every group_conv2d2_high_low_frequency high_low_selectivity at least 0.2
every group_conv2d2_tiny_curves curve_over_opposite at least 0.33
every group_conv2d2_corners corner_over_straight at least 0.05
every group_conv2d2_corners corner_over_curve at least 0
every group_conv2d2_line_ends line_end_over_line at least 0.2
every group_conv2d2_early_brightness_gradient gradient_over_edge at least 0.1
every group_conv2d2_early_brightness_gradient edge_selectivity at least 0.5
conv2d2:139 edge_direction near 180 within 30
conv2d2:112 edge_direction near 0 within 30
count mixed3a "Brightness Gradient" at least 0.5 is 0
count mixed3b "Brightness Gradient" at least 0.5 is 0
every group_mixed3a_color_center_surround colour_selectivity at least 0.43
count group_mixed3a_crosses_diverging_lines cross_over_lines at least 0 is 9
most group_mixed3a_eyes_small_circles to_circles at least 0.7
most group_mixed3a_circles circle_over_curve at least -0.03
every group_mixed3a_high_low_frequency high_low at least 0.3
median group_mixed3a_high_low_frequency high_low at least 0.6
every group_mixed3a_boundary boundary at least 0.15
every group_mixed3a_complex_center_surround noise_spot_over_noise at least 0.2
every group_mixed3a_curves curvature at least 0.05
median group_mixed3a_curves curve_over_opposite at least 0.5
count group_mixed3a_lines line_orientation near 90 within 20 is 6
every group_mixed3a_line_misc. to_lines at least 0.5
every group_mixed3a_hatch_textures hatch_over_stripes at least 0.02
every group_mixed3a_line_ends line_end_over_line at least 0.2
every group_mixed3a_angles corner_selectivity at least 0.15
every group_mixed3a_angles corner_over_straight at least 0.05
every group_mixed3a_angles corner_over_curve at least -0.05
every group_mixed3a_multicolor hue_selectivity at most 0.15
every group_mixed3a_gabor_textures phase_modulation at most 1
most group_mixed3a_texture noise_over_shapes at least 0
mixed3a:225 uniform_colour at least 0.9
mixed3a:225 hue near 210 within 30
every group_mixed3b_four_legged_animals best_response at most 1.2
median group_mixed3b_four_legged_animals best_response at most 0.5
median mixed3b best_response at least 0.6
every group_mixed3b_rows_of_bars orientation near 90 within 10
every group_mixed3b_color_contrast orientation near 0 within 10
every group_mixed3b_lines orientation near 0 within 10
mixed3b:313 line_orientation near 0 within 5
mixed3b:260 line_orientation near 0 within 10
mixed3b:4 line_orientation near 67 within 5
mixed3b:201 line_orientation near 67 within 10
median group_mixed3b_curves curve_over_opposite at least 0.33
every group_mixed3b_boundary boundary at least 0.15
most group_mixed3b_line_ends line_end_over_line at least 0.25
every group_mixed3b_texture noise_over_shapes at least 0
most group_mixed3b_pattern noise_over_shapes at least 0
every group_mixed3b_angles corner_over_straight at least 0.05
mixed3b:82 uniform_colour at least 0.7
mixed3b:70 uniform_colour at least 0.8
mixed3b:82 hue near 100 within 20
mixed3b:70 hue near 240 within 20
count group_mixed3b_complex_center_surround noise_spot_over_noise at least 0.99 is 13
every group_mixed3b_gabor_textures orientation_selectivity at least 0.35
median group_mixed3a_curves curvature at least 0.33
most group_mixed3b_curves curve_over_opposite at least 0.34
every group_mixed3b_gabor_textures orientation_selectivity at least 0.35
every group_conv2d2_hatch_textures second_orientation at least 0.3
most group_mixed3a_high_low_frequency high_low at least 0.5
most group_mixed3b_color_contrast best_response at most 0.55
median group_conv2d2_boundary light_cue at least 0.4
median group_conv2d2_boundary colour_cue at most 0.2
median group_conv2d2_boundary texture_cue at most 0.2
every group_mixed3a_bw_vs_color least_chromatic_inhibition at least 0
every group_mixed3b_bw_vs_color least_chromatic_inhibition at least 0
"""
"""What the descriptions in content/early-vision-tiny/groups say in numbers or in words that stand for them."""


@pytest.mark.parametrize("claim", CLAIMS.strip().splitlines())
def test_the_descriptions_are_true(claim, tuning, groups):
    checked = check_claim(claim, tuning, groups)
    assert checked.holds, checked.measured


def test_every_neuron_is_in_exactly_one_group(embedded, taxonomy):
    for layer, found in taxonomy.items():
        placed = sorted(neuron for neurons in found.values() for neuron in neurons)
        assert placed == list(range(embedded.architecture.layers[layer].neurons))


def test_no_catch_all_is_large(embedded, taxonomy):
    for layer, found in taxonomy.items():
        rest = sum(len(neurons) for name, neurons in found.items() if CATCH_ALL.search(name))
        assert rest <= 0.2 * embedded.architecture.layers[layer].neurons


@pytest.mark.parametrize("layer", ["conv2d1", "conv2d2", "mixed3a", "mixed3b"])
def test_proposals_hold_every_neuron_once_and_come_out_alike(layer, embedded, tuning):
    proposals = propose(embedded, tuning[layer])
    assert sorted(neuron for p in proposals for neuron in p.neurons) == list(range(tuning[layer].neurons))
    assert len({p.name for p in proposals}) == len(proposals)
    for proposal in proposals:
        assert proposal.name == "Other Units" or min(proposal.confidence) >= ENOUGH
    assert merge(None, layer, proposals) == merge(None, layer, propose(embedded, tuning[layer]))


def test_the_first_layer_is_proposed_as_it_is_grouped(embedded, tuning, taxonomy):
    proposals = {p.name: set(p.neurons) for p in propose(embedded, tuning["conv2d0"])}
    grouped = {name: set(neurons) for name, neurons in taxonomy["conv2d0"].items()}
    # Filters at random are Checks, too: an author may see a chessboard, the rule may not.
    grouped["Other Units"] |= grouped.pop("Checks")
    assert proposals == grouped


def test_nothing_reaches_a_family_among_the_other_units_of_the_rule(embedded, tuning):
    for layer, of in tuning.items():
        other = [p for p in propose(embedded, of) if p.name == "Other Units"]
        if layer != "conv2d0":
            assert (of.scores[list(other[0].neurons)].max(1) < ENOUGH).all()


def test_an_explanation_names_measures_scores_and_neighbours(tuning):
    text = explain(tuning["mixed3a"], 79)
    for expected in (
        "mixed3a:79",
        "best stimulus: ",
        "proposed group: Other Units",
        "The rule is not assigned in this layer: ",
        "least_chromatic_inhibition ",
        "nearest neurons: mixed3a:",
    ):
        assert expected in text


@pytest.mark.parametrize("layer", ["conv2d0", "conv2d1", "conv2d2", "mixed3a", "mixed3b"])
def test_every_group_has_a_figure(layer, tuning, taxonomy):
    for name, neurons in taxonomy[layer].items():
        plot = group_plot(tuning[layer], neurons, name)
        assert len(plot.marks) == (0 if name == "BW vs Color" else len(neurons)) and plot.text.startswith(plot.title)
        lengths = np.array([bar.length for bar in plot.bars])
        assert lengths.min() >= 0 and 0.1 < lengths.max() <= 1, name
        above = lengths.max() / lengths.mean()
        if plot.marks and len(neurons) > 1 and abs(above - STANDS_OUT) > 0.01:
            assert ("strongest at" in plot.text) == (above > STANDS_OUT), name


def test_shares_add_up_to_the_whole(embedded, taxonomy):
    ours = {}
    for layer, found in taxonomy.items():
        groups = [{"name": name, "units": neurons} for name, neurons in found.items()]
        ours[layer] = {"neurons": sum(map(len, found.values())), "groups": groups}
    theirs = {
        "conv2d1": {
            "neurons": 64,
            "groups": [{"name": "Complex Gabor", "units": [0] * 16}, {"name": "New", "units": [0] * 48}],
        }
    }
    rows = compare_shares(ours, theirs, embedded.architecture.layer_names)
    for layer in ours:
        assert sum(row.shares[layer].ours for row in rows) == pytest.approx(1)
    by_kind = {row.kind: row.shares["conv2d1"].theirs for row in rows}
    assert by_kind["Stripes and Gabors"] == 0.25 and by_kind["New"] == 0.75
    assert rows[0].shares["conv2d0"].theirs is None
    assert kind_of("Tiny Curves") == "Curves"
    assert not {row.kind for row in rows} & {"Fur"}


def test_groups_of_one_name_are_compared():
    def groups(**sizes):
        return [{"name": name, "anchor": f"to_{name}", "units": list(range(size))} for name, size in sizes.items()]

    ours = {"a": {"neurons": 8, "groups": groups(Lines=2, New=6)}, "b": {"neurons": 4, "groups": groups(All=4)}}
    theirs = {"a": {"neurons": 16, "groups": groups(Fur=4, Lines=12)}}
    rows = {layer: [(one.name, one.anchor, one.share.ours, one.share.theirs) for one in shares]
            for layer, shares in compare_groups(ours, theirs, ("a", "b")).items()}  # fmt: skip
    assert rows["a"] == [("Fur", None, None, 0.25), ("Lines", "to_Lines", 0.25, 0.75), ("New", "to_New", 0.75, None)]
    assert rows["b"] == [("All", "to_All", 1.0, None)]


def test_a_figure_shows_what_its_group_is_about(tuning, taxonomy):
    def plot(name):
        return group_plot(tuning["mixed3a"], taxonomy["mixed3a"][name], name)

    assert "fine side" in plot("High-Low Frequency").title and plot("High-Low Frequency").kind == "direction"
    assert "bulge" in plot("Curves").title and "open" in plot("Angles").title
    assert "single lines" in plot("Lines").title and "several cues" in plot("Boundary").title
    assert max(bar.length for bar in plot("BW vs Color").bars) < 0.9
    curves = taxonomy["mixed3a"]["Curves"]
    assert plot("Curves").marks == pytest.approx(tuning["mixed3a"].measures["curve_direction"][curves], abs=1e-3)
