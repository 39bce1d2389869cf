"""How to read the pictures: what one neuron sees and reaches, and where shuffled neurons lie when sorted."""

from pathlib import Path

import pytest

from early_vision.article.groups import Group
from early_vision.features import load_features
from early_vision.network.known import find_network
from early_vision.site.views.layers import layer_pictures, view_layer
from early_vision.site.views.reading import CELL, SCENE, view_explained, view_sorting

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.fixture(scope="module")
def known():
    network = find_network("inceptionv1-tiny", ASSETS)
    features = load_features(network, ASSETS)["conv2d0"]
    groups = [
        Group("conv2d0", name, name, 0, "", channels, (), Path("x"), 1)
        for name, channels in (("Even", tuple(range(0, 64, 2))), ("Odd", tuple(range(1, 64, 2))))
    ]
    layer = network.architecture.layers["conv2d0"]
    return network, view_layer(layer, groups, features, layer_pictures(features, len(features)), None)


def test_a_neuron_sees_a_square_of_the_scene_as_large_as_its_field(known):
    network, layer = known
    shown = view_explained(layer, 5, network.architecture)
    assert shown.field == 7 and 0 <= shown.left <= SCENE - 7 and 0 <= shown.top <= SCENE - 7
    assert shown.seen.draw().size == (320, 320) and shown.scene.draw().size == (shown.scene.width, shown.scene.height)
    assert shown.scene.draw().tobytes() == shown.scene.draw().tobytes()
    reached = [one.feature.held_out for one in layer.neurons]
    assert shown.lower == round(100 * sum(value < reached[5] for value in reached) / 64)
    assert max(shown.dots) == 1000 and shown.own in shown.dots


def test_no_two_neurons_lie_at_one_place_and_groups_are_together(known):
    _, layer = known
    sorting = view_sorting(layer, layer.neurons)
    for places in ([card.shuffled for card in sorting.cards], [card.sorted for card in sorting.cards]):
        assert len({*places}) == 64 and all(0 <= x <= sorting.width - CELL for x, _ in places)
        assert max(y for _, y in places) + CELL <= sorting.height
    even = [card.sorted[1] for card in sorting.cards if card.neuron.channel % 2 == 0]
    odd = [card.sorted[1] for card in sorting.cards if card.neuron.channel % 2]
    assert max(even) < min(odd) and [heap.name for heap in sorting.heaps] == ["Even", "Odd"]
    assert [card.shuffled for card in sorting.cards] != sorted(card.shuffled for card in sorting.cards)
