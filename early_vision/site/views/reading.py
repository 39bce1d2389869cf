"""How to read pictures of neurons: one neuron explained, and a layer's neurons shuffled and sorted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from early_vision.network.architecture import Architecture, Layer
from early_vision.site.pictures import FOLDER, METHOD, Picture, neuron_portrait
from early_vision.site.views.layers import LayerView, NeuronView

SCENE, FINE, QUALITY = 224, 2, 82
"""The side of the scene in pixels of the network, pixels of the file to each of these, and the file's quality."""
VERSION = 1
LOOKED_AT = (121, 118)
"""Where in the scene the neuron looks: right and down."""
ACROSS, CELL, LABEL = 16, 64, 26
"""Neurons in a row, the side of a neuron with its gap, and the height of a group's name, in units of the figure."""


@dataclass(frozen=True)
class Explained:
    """A neuron, explained.

    Attributes:
        neuron, picture: it, and the picture that excites it most.
        scene: something like a photograph, `SCENE` pixels of the network wide.
        seen: the part of it that falls into the receptive field, enlarged.
        field: the side of that, in pixels; left, top: where in the scene it is.
        dots: of every neuron of the layer its highest activation on held-out images, as a place from 0 to 1000.
        own: the same for this neuron; None where it was not measured.
        lower: how many neurons of the layer reach less, in percent; None where it was not measured.
    """

    neuron: NeuronView
    picture: Picture
    layer: Layer
    scene: Picture
    seen: Picture
    field: int
    left: int
    top: int
    dots: tuple[int, ...]
    own: int | None
    lower: int | None


@dataclass(frozen=True)
class Card:
    """A neuron at two places: where it lies among the shuffled ones, and where among the sorted ones."""

    neuron: NeuronView
    shuffled: tuple[int, int]
    sorted: tuple[int, int]


@dataclass(frozen=True)
class Heap:
    """The name of a group, where its neurons begin."""

    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Sorting:
    """A layer's neurons shuffled and sorted.

    Attributes:
        layer: its name.
        width, height: of the figure in its units; high: of the shuffled ones alone.
        cards: in the order of the sorted ones.
        heaps: the groups.
        sprites: picture files, each with its width and height in units.
    """

    layer: str
    width: int
    height: int
    high: int
    cards: tuple[Card, ...]
    heaps: tuple[Heap, ...]
    sprites: tuple[tuple[str, int, int], ...]


def view_explained(layer: LayerView, channel: int, architecture: Architecture) -> Explained | None:
    """A neuron, explained; None where it was not rendered."""
    neuron = layer.neurons[channel]
    picture = neuron_portrait(neuron.feature.image)
    if picture is None:
        return None
    field = architecture.receptive_fields[architecture.branch(layer.layer.name, channel).node].size
    left, top = (min(max(0, at - field // 2), SCENE - field) for at in LOOKED_AT)
    reached = [one.feature.held_out for one in layer.neurons]
    known = [value for value in reached if value is not None]
    most, own = max([value for value in known if value > 0], default=1.0), reached[channel]
    dots = tuple(round(1000 * max(value, 0.0) / most) for value in known)
    lower = None if own is None else round(100 * sum(value < own for value in known) / len(known))
    place = None if own is None else round(1000 * max(own, 0.0) / most)
    box = (FINE * left, FINE * top, FINE * (left + field), FINE * (top + field))
    whole = Picture(_name("scene"), FINE * SCENE, FINE * SCENE, draw_scene, False, QUALITY)
    seen = Picture(
        _name(f"seen {box}"),
        320,
        320,
        lambda: draw_scene().crop(box).resize((320, 320)),
        lossless=False,
        quality=QUALITY,
    )
    return Explained(neuron, picture, layer.layer, whole, seen, field, left, top, dots, place, lower)


def draw_scene() -> Image.Image:
    """A landscape with a house, a tree and a fence in evening light, made for the page and of no photograph."""
    side, draw_at = FINE * SCENE, np.random.default_rng(7)

    def rough(cells: int, smooth: int = 0) -> np.ndarray:
        noise = Image.fromarray(np.uint8(255 * draw_at.random((cells, cells)))).resize(
            (side, side), Image.Resampling.BICUBIC
        )
        return np.asarray(noise.filter(ImageFilter.GaussianBlur(smooth)), float) / 255 - 0.5

    y, x = np.mgrid[0:side, 0:side] / side
    light = rough(6) + 0.5 * rough(14) + 0.25 * rough(40)
    sky = np.stack([0.55 + 0.4 * y, 0.68 + 0.15 * y, 0.9 - 0.25 * y], -1) + 0.28 * np.maximum(light, 0)[..., None]
    picture = sky
    grain = rough(150) + rough(60)
    for height, colour, wave in (
        (0.52, (0.36, 0.45, 0.5), 7),
        (0.62, (0.3, 0.42, 0.24), 5),
        (0.74, (0.42, 0.5, 0.2), 3),
    ):
        edge = height + 0.04 * np.sin(wave * x * 3 + wave) + 0.015 * np.sin(wave * x * 9)
        shade = np.array(colour) * (1.1 - 0.5 * (y - height))[..., None] + 0.16 * grain[..., None]
        picture = np.where((y > edge)[..., None], shade, picture)
    image = Image.fromarray(np.uint8(255 * np.clip(picture, 0, 1)))
    draw = ImageDraw.Draw(image)

    def at(*points: float) -> list[tuple[float, float]]:
        return [(FINE * a, FINE * b) for a, b in zip(points[::2], points[1::2], strict=True)]

    draw.polygon(at(92, 112, 150, 112, 150, 168, 92, 168), fill=(206, 188, 160))
    draw.polygon(at(150, 112, 172, 118, 172, 160, 150, 168), fill=(150, 132, 112))
    draw.polygon(at(86, 114, 121, 82, 156, 114), fill=(142, 62, 48))
    draw.polygon(at(121, 82, 150, 90, 176, 120, 156, 114), fill=(104, 46, 38))
    for row in range(5):
        draw.line(at(121 - 6 * row, 88 + 5.5 * row, 121 + 6 * row, 88 + 5.5 * row), fill=(116, 50, 40), width=2)
    draw.ellipse(at(113, 96, 129, 112), fill=(58, 74, 92), outline=(240, 232, 214), width=4)
    for left in (100, 128):
        draw.rectangle(at(left, 124, left + 14, 142), fill=(64, 84, 104), outline=(240, 232, 214), width=4)
        draw.line(at(left + 7, 124, left + 7, 142), fill=(240, 232, 214), width=3)
        draw.line(at(left, 133, left + 14, 133), fill=(240, 232, 214), width=3)
    draw.rectangle(at(114, 146, 126, 168), fill=(84, 56, 40))
    draw.polygon(at(38, 190, 46, 190, 45, 120, 39, 120), fill=(74, 54, 40))
    for _ in range(420):
        angle, far = draw_at.uniform(0, 2 * np.pi), 34 * np.sqrt(draw_at.random())
        a, b, size = 42 + far * np.cos(angle), 96 + far * np.sin(angle), draw_at.uniform(1.5, 4.5)
        tone = 70 + 70 * (1 - b / 140) + draw_at.uniform(-22, 22)
        draw.ellipse(at(a - size, b - size, a + size, b + size), fill=(int(0.55 * tone), int(tone), int(0.4 * tone)))
    for post in range(180, 224, 9):
        draw.rectangle(at(post, 150, post + 3, 186), fill=(226, 220, 206))
    for rail in (157, 171):
        draw.rectangle(at(178, rail, 224, rail + 3), fill=(214, 206, 190))
    softened = np.asarray(image.filter(ImageFilter.GaussianBlur(1.1)), float)
    return Image.fromarray(np.uint8(np.clip(softened + 9 * grain[..., None], 0, 255)))


def view_sorting(layer: LayerView, neurons: Sequence[NeuronView]) -> Sorting:
    """Some neurons of a layer, all rendered, shuffled (always alike) and sorted by their groups."""
    order = np.random.default_rng(0).permutation(len(neurons))
    shuffled = {neurons[int(one)].name: (CELL * (at % ACROSS), CELL * (at // ACROSS)) for at, one in enumerate(order)}
    chosen, heaps, cards, column, y = {one.name for one in neurons}, [], [], 0, 0
    for card in layer.cards:
        some = [neuron for neuron in card.neurons if neuron.name in chosen]
        if not some:
            continue
        if column and column + min(len(some), ACROSS) > ACROSS:
            column, y = 0, y + CELL + LABEL
        heaps.append(Heap(card.group.name, CELL * column, y))
        for neuron in some:
            if column == ACROSS:
                column, y = 0, y + CELL
            cards.append(Card(neuron, shuffled[neuron.name], (CELL * column, y + LABEL)))
            column += 1
        # A group's name needs room for itself, and a row that no group before it goes on in.
        column = max(column + 1, round(heaps[-1].x / CELL) + 4)
        if column >= ACROSS or y != heaps[-1].y:
            column, y = 0, y + CELL + LABEL
    height = max(card.sorted[1] for card in cards) + CELL
    sprites = {
        one.tile.sprite.path: (one.tile.sprite.path, one.tile.sprite.width // 2, one.tile.sprite.height // 2)
        for one in neurons
        if one.tile
    }
    high = CELL * -(-len(neurons) // ACROSS)
    name = layer.layer.name
    return Sorting(name, CELL * ACROSS, max(height, high), high, tuple(cards), tuple(heaps), tuple(sprites.values()))


def _name(what: str) -> str:
    made = f"{VERSION} {what} {SCENE} {FINE} {QUALITY} {METHOD}"
    return f"{FOLDER}/{hashlib.sha256(made.encode()).hexdigest()[:16]}.webp"
