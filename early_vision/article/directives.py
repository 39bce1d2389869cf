"""What directives there are, and what each takes: their docstrings are the reference.

A directive stands in the text as `/// name | argument`, options as `key: value`, one a line, then an empty line and its
text, and at the end `///`. All but the first and the last line may be left out where nothing needs them.

Each class here is a directive. `ARGUMENT` is the field that its first line gives, `EXAMPLE` such an argument; the other
fields are its options. `TEXT` says what its text is: "none", its "caption", or "content" of its own. `COUNTED` says
among what it is numbered: "fig", "table" or nothing.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from early_vision.article.schema import Part, Strict, Text
from early_vision.circuits.specification import FigureEntry

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w.-]*$")]


class Directive(Strict):
    """A directive."""

    ARGUMENT: ClassVar[str] = ""
    EXAMPLE: ClassVar[str] = ""
    TEXT: ClassVar[Literal["none", "caption", "content"]] = "none"
    COUNTED: ClassVar[Literal["", "fig", "table"]] = ""


class LayerDiagram(Directive):
    """The network at a glance: the image goes in, then each layer with all of its neurons, linked to its section.

    Attributes:
        id: what the text refers to it by: `[@fig:ID]`.
    """

    COUNTED = "fig"

    id: Id | None = None


class LayerGroups(Directive):
    """The neuron groups of a layer as cards. Every layer needs one, in a section that has the layer's anchor.

    Attributes:
        layer: the layer, such as `conv2d0`.
        part: `priority` shows the groups with a priority above 0, `rest` the others; a layer shown so needs both.
    """

    ARGUMENT = "layer"
    EXAMPLE = "conv2d0"

    layer: Text
    part: Part = "all"


class LayerBranches(Directive):
    """A table of how many neurons each group has in each branch of its layer. Its text is its caption.

    Attributes:
        layer: a layer of several branches, such as `mixed3a`.
        part: which groups, as for `layer-groups`.
        id: what the text refers to it by: `[@table:ID]`.
    """

    ARGUMENT = "layer"
    EXAMPLE = "mixed3a"
    TEXT = "caption"
    COUNTED = "table"

    layer: Text
    part: Part = "all"
    id: Id | None = None


class Claim(Directive):
    """A statement about the network that the build holds against the measurements or the weights, and shows as checked.

    Attributes:
        claim: such as `conv2d2:17 orientation near 45 within 10`; early_vision/tuning/claims.py and
            early_vision/circuits/claims.py say what can be claimed.
    """

    ARGUMENT = "claim"
    EXAMPLE = "conv2d2:17 orientation near 45 within 10"

    claim: Text


class FamilyShares(Directive):
    """A table of how large a part of each layer every kind of neuron has, beside the taxonomy of InceptionV1.

    Attributes:
        id: what the text refers to it by: `[@table:ID]`.
    """

    COUNTED = "table"

    id: Id | None = None


class CircuitFigure(FigureEntry, Directive):
    """A neuron and its inputs, drawn from the weights. Its text is its caption.

    Attributes:
        layout: such as `fan-in`; early_vision/circuits/specification.py says what there is to write.
        id: what the text refers to it by: `[@fig:ID]`.
    """

    ARGUMENT = "layout"
    EXAMPLE = "fan-in"
    TEXT = "caption"
    COUNTED = "fig"

    layout: Text
    id: Id | None = None


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
    "claim": Claim,
    "family-shares": FamilyShares,
    "include": Include,
}
