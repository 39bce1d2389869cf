"""What directives there are, and what each takes: their docstrings are the reference.

A directive stands in the text as `/// name | argument`, options as `key: value`, one a line, then an empty line and its
text, and at the end `///`. All but the first and the last line may be left out where nothing needs them.

Each class here is a directive. `ARGUMENT` is the field that its first line gives, `EXAMPLE` such an argument; the other
fields are its options. `TEXT` says what its text is: "none", its "caption", or "content" of its own. `COUNTED` says
among what it is numbered: "fig", "table" or nothing. `ONE_NETWORK` says that it
shows a network's own layers, which an article that compares several has not.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from early_vision.article.circuit_entries import FigureEntry
from early_vision.article.schema import Part, Strict, Text

Width = Literal["text", "body", "page", "screen"]
Networks = Annotated[tuple[Text, ...], Field(strict=False, min_length=1)] | None
Anchors = Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
Responses = Literal["stimuli", "pictures"]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w.-]*$")]


class Directive(Strict):
    """A directive."""

    ARGUMENT: ClassVar[str] = ""
    EXAMPLE: ClassVar[str] = ""
    TEXT: ClassVar[Literal["none", "caption", "content"]] = "none"
    COUNTED: ClassVar[Literal["", "fig", "table"]] = ""
    ONE_NETWORK: ClassVar[bool] = False


class Numbered(Directive):
    """A directive with a number.

    Attributes:
        id: what the text refers to it by.
    """

    id: Id | None = None


class Captioned(Numbered):
    """A directive with a caption.

    Attributes:
        caption: the caption, in place of a text.
    """

    TEXT = "caption"

    caption: Text | None = None


class Comparing(Captioned):
    """A directive of an article that compares networks.

    Attributes:
        networks: those to look in; by default all that the article compares.
    """

    networks: Networks = None


class LayerDiagram(Numbered):
    """The network at a glance: the image goes in, then each layer with all of its neurons, linked to its section."""

    COUNTED = "fig"
    ONE_NETWORK = True


class LayerGroups(Directive):
    """The neuron groups of a layer as cards. Every layer needs one, in a section that has the layer's anchor.

    Attributes:
        layer: the layer, such as `conv2d0`.
        part: `priority` shows the groups with a priority above 0, `rest` the others; a layer shown so needs both.
    """

    ARGUMENT = "layer"
    EXAMPLE = "conv2d0"
    ONE_NETWORK = True

    layer: Text
    part: Part = "all"


class LayerBranches(Captioned):
    """A table of how many neurons each group has in each branch of its layer.

    Attributes:
        layer: a layer of several branches, such as `mixed3a`.
        part: which groups, as for `layer-groups`.
    """

    ARGUMENT = "layer"
    EXAMPLE = "mixed3a"
    COUNTED = "table"
    ONE_NETWORK = True

    layer: Text
    part: Part = "all"


class Claim(Directive):
    """A statement about the network that the build holds against the measurements or the weights, and shows as checked.

    Attributes:
        claim: such as `conv2d2:17 orientation near 45 within 10`; tuning_claims.py, weight_claims.py, ablation_claims.py,
            photograph_claims.py, chance_claims.py and comparison_claims.py in early_vision/article/ say what can be claimed.
    """

    ARGUMENT = "claim"
    EXAMPLE = "conv2d2:17 orientation near 45 within 10"

    claim: Text


class ClaimsFigure(Captioned):
    """Claims as a figure: each as a sentence, with its strip plot of the layer and what was measured.

    For evidence that belongs into the text; claims on their own fold away.

    Attributes:
        claims: one a line, as for `claim`.
    """

    COUNTED = "fig"

    claims: Annotated[list[Text], Field(min_length=1)]


class FamilyShares(Numbered):
    """A table of how large a part of each layer every kind of neuron has, beside the taxonomy of InceptionV1."""

    COUNTED = "table"
    ONE_NETWORK = True


class GroupShares(Captioned):
    """Every group of this article and of the taxonomy of InceptionV1, layer by layer, with its share of either network.

    Groups of the same name stand in one row.
    """

    COUNTED = "table"
    ONE_NETWORK = True


class FamilyChance(Captioned):
    """How many neurons of each layer fulfil each family's rule, and how many in null networks, which learned nothing.

    `build.py measure` makes and measures these.
    """

    COUNTED = "table"
    ONE_NETWORK = True


class GroupPhotographs(Captioned):
    """Of how many neurons of some groups a test on photographs passes, and of which part of the rest of their layers.

    `build.py photographs` makes the tests: `hue` (opposite colours take more of the response than no colour), `tint` (a
    colour over all takes more than grey), `sharp` (one side has to be sharp), `centre` (the centre counts more than what
    is around it), `lines` (the pictures have lines of one direction) and `bend` (these bend to one side). Where stimuli
    say which side or direction it should be, the table says how far photographs are from that.

    Attributes:
        tests: for each test the anchors of groups.
    """

    COUNTED = "table"
    ONE_NETWORK = True

    tests: dict[Literal["hue", "tint", "sharp", "centre", "lines", "bend"], Anchors]


class Interventions(Captioned):
    """A table of what came of removing inputs: a row for each test of a circuit figure of the article.

    `build.py interventions --pictures FOLDER` makes the tests.
    """

    COUNTED = "table"
    ONE_NETWORK = True


class CircuitFigure(FigureEntry, Numbered):
    """A neuron and its inputs, drawn from the weights.

    Attributes:
        layout: such as `fan-in`; early_vision/article/circuit_entries.py says what there is to write.
    """

    ARGUMENT = "layout"
    EXAMPLE = "fan-in"
    TEXT = "caption"
    COUNTED = "fig"
    ONE_NETWORK = True

    layout: Text


class MatchedNeurons(Comparing):
    """Neurons, and the neuron of each other network that is most like each.

    Attributes:
        neurons: of the article's network, with commas between them, such as `conv2d1:27, mixed3a:110`.
        responses: what neurons are compared by: `stimuli` or `pictures`.
        profile: the tuning curve that is drawn: `orientation`, `direction` (of curves), `hue` or `frequency`.
    """

    ARGUMENT = "neurons"
    EXAMPLE = "conv2d1:27, mixed3a:110"
    COUNTED = "fig"

    neurons: Text
    responses: Responses = "stimuli"
    profile: Literal["orientation", "direction", "hue", "frequency"] = "orientation"


class MatchDistributions(Comparing):
    """How well all neurons of each layer are matched in the other networks, beside their controls.

    Attributes:
        responses: what neurons are compared by: `stimuli` or `pictures`.
    """

    ARGUMENT = "responses"
    EXAMPLE = "stimuli"
    COUNTED = "fig"

    responses: Responses


class Similarity(Comparing):
    """A table of how alike the layers of the article's network and of the others are.

    Attributes:
        measure: `matches` (the median best match), `found` (neurons matched better than in a control), `cka` or
            `predictivity`.
        responses: what neurons are compared by, for the first two: `stimuli` or `pictures`; the others are of pictures.
    """

    ARGUMENT = "measure"
    EXAMPLE = "matches"
    COUNTED = "table"

    measure: Literal["matches", "found", "cka", "predictivity"]
    responses: Responses = "stimuli"


class FoundByKind(Comparing):
    """A table of how many neurons of each kind, over all layers, are found again in the other networks.

    Attributes:
        responses: what neurons are compared by: `stimuli` or `pictures`.
    """

    ARGUMENT = "responses"
    EXAMPLE = "stimuli"
    COUNTED = "table"

    responses: Responses


class KindShares(Comparing):
    """How large a part of its layers each kind of neuron has in every network, with intervals.

    Attributes:
        kinds: those to show, such as `[Curves, Color Contrast]`; by default all that some network has.
    """

    COUNTED = "fig"

    kinds: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)] | None = None


class NeuronCounts(Comparing):
    """A table of the layers of every network: neurons, dead ones, filters of noise."""

    COUNTED = "table"


class Figure(Captioned):
    """A picture from the article's folder.

    Attributes:
        picture: its path from the article's folder: a PNG, JPEG, GIF, WebP or AVIF, or an SVG without scripts.
        alt: what it shows, for those who cannot see it. For a picture that only decorates, leave the figure out.
        width: how far it reaches: over the `text`, the `body` with its margins, the `page` or the `screen`.
    """

    ARGUMENT = "picture"
    EXAMPLE = "pictures-of-mine/stripes.png"
    COUNTED = "fig"

    picture: Text
    alt: Text
    width: Width = "text"


class Wall(Captioned):
    """The neurons of a layer side by side, each leading to its page.

    Attributes:
        layer: the layer, such as `conv2d0`.
        neurons: which of them, in this order, such as `[3, 17, 20-25]`; by default all.
        shuffled: `true` shows them shuffled and sorted by groups, with a slider between the two.
        width: as for a figure.
    """

    ARGUMENT = "layer"
    EXAMPLE = "conv2d0"
    COUNTED = "fig"
    ONE_NETWORK = True

    layer: Text
    neurons: Annotated[tuple[Any, ...], Field(strict=False, min_length=1)] | None = None
    shuffled: bool = False
    width: Width = "body"


class NeuronFigure(Captioned):
    """A single neuron: its feature visualization, large, and the facts on it.

    Attributes:
        neuron: such as `mixed3a:79`.
        explained: `true` explains it: what it sees of a scene, what it reaches, and its place in the layer.
    """

    ARGUMENT = "neuron"
    EXAMPLE = "conv2d0:0"
    COUNTED = "fig"
    ONE_NETWORK = True

    neuron: Text
    explained: bool = False


class Examples(Captioned):
    """The patches of one's own pictures that excite a neuron most, and a spread over its range.

    `build.py examples --pictures FOLDER` finds them.

    Attributes:
        neuron: such as `mixed3a:79`.
    """

    ARGUMENT = "neuron"
    EXAMPLE = "conv2d0:0"
    COUNTED = "fig"
    ONE_NETWORK = True

    neuron: Text


class GroupFigure(Captioned):
    """The card of a single neuron group, away from its layer.

    Attributes:
        group: the group's anchor, such as `group_conv2d0_color`.
    """

    ARGUMENT = "group"
    EXAMPLE = "group_conv2d0_color"
    COUNTED = "fig"
    ONE_NETWORK = True

    group: Text


class Table(Numbered):
    """A table in markdown, with its caption above it.

    Attributes:
        caption: what the table shows.
        width: as for a figure.
    """

    TEXT = "content"
    COUNTED = "table"

    caption: Text
    width: Width = "text"


class Aside(Directive):
    """A remark beside the text: in the margin where there is room, else below the paragraph before it."""

    TEXT = "content"


class Note(Directive):
    """A paragraph or more that is set off from the text.

    Attributes:
        title: what stands above it; may be left out.
    """

    ARGUMENT = "title"
    EXAMPLE = "How this was measured"
    TEXT = "content"

    title: Text | None = None


class Html(Directive):
    """HTML, for what markdown cannot say, such as a table with joined cells or `<details>`.

    Only elements and attributes that cannot do harm are allowed, each element closed; what they are is said in
    early_vision/article/raw_html.py.
    """

    TEXT = "content"


class Include(Directive):
    """The text of another markdown file, as if it stood here.

    Attributes:
        file: its path from the article's folder.
    """

    ARGUMENT = "file"
    EXAMPLE = "part.md"

    file: Text


DIRECTIVES: Mapping[str, type[Directive]] = {
    "layer-diagram": LayerDiagram,
    "layer-groups": LayerGroups,
    "layer-branches": LayerBranches,
    "circuit": CircuitFigure,
    "figure": Figure,
    "wall": Wall,
    "neuron": NeuronFigure,
    "examples": Examples,
    "group": GroupFigure,
    "table": Table,
    "family-shares": FamilyShares,
    "group-shares": GroupShares,
    "family-chance": FamilyChance,
    "group-photographs": GroupPhotographs,
    "interventions": Interventions,
    "claim": Claim,
    "claims": ClaimsFigure,
    "matched-neurons": MatchedNeurons,
    "match-distributions": MatchDistributions,
    "similarity": Similarity,
    "found-by-kind": FoundByKind,
    "kind-shares": KindShares,
    "neuron-counts": NeuronCounts,
    "aside": Aside,
    "note": Note,
    "html": Html,
    "include": Include,
}
