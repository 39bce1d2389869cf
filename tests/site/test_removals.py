"""What a figure's page says of its intervention, and how a claim about it is told."""

import re

import pytest
from markupsafe import Markup

from early_vision.circuits.circuit import Circuit, Neuron, part_of
from early_vision.circuits.connections import connect
from early_vision.circuits.interventions_artifact import Interventions
from early_vision.circuits.neighbours import wiring
from early_vision.circuits.network_circuits import NetworkCircuits
from early_vision.circuits.removal import Effect, Removal
from early_vision.circuits.selection import parse_rule
from early_vision.errors import InputError
from early_vision.features.result import not_rendered
from early_vision.site.rendering import Templates
from early_vision.site.views.circuits import view_circuit
from early_vision.site.views.claims import view_claim
from early_vision.site.views.figures import Caption, neuron_address, neuron_words

REMOVAL = Removal(Neuron("mixed3a", 52), "conv2d2", (56, 107), "exciting")
EFFECT = Effect(50, 0.8, 0.71, 0.4, (0.04, 0.15), (0.0, 0.1), (2, 3), (1.0, 0.9), (0.3, 0.1), (0.2, 0.2))
CLAIM = "ablation mixed3a:52 without conv2d2:56, 107 falls by 71%"


def rendered(tiny, root, effects):
    part = part_of(connect(tiny, "conv2d2", "mixed3a"), 52, parse_rule([56, 107], "conv2d2"))
    features = {name: not_rendered(name, layer.neurons) for name, layer in tiny.architecture.layers.items()}
    view = view_circuit(Circuit("rows", "x", (part,)), "fig-x", features, neuron_address, neuron_words, effects)
    caption = Caption("fig-x", 1, Markup("Words."))
    return Templates(root / "templates").render("circuits/figure.html", figure=view, caption=caption)


def test_a_line_and_a_table_stand_under_the_figure(tiny, root):
    html = rendered(tiny, root, {REMOVAL: EFFECT})
    assert "<p>Without these two exciting inputs, its response falls by 71%; without 2 to 3 others" in html
    assert re.search(r'href="neurons/conv2d2/56.html">conv2d2:56</a></th><td>0.20</td><td>75%</td>', html)
    assert "Set to their means: 40%; others: 5% (0 to 10%)" in html
    assert 'class="removals"' not in rendered(tiny, root, {}), "nothing where nothing was removed"


def test_a_claim_holds_fails_or_was_not_measured(tiny):
    known = NetworkCircuits(tiny, wiring(tiny), {}, None, interventions=Interventions(500, "", {REMOVAL: EFFECT}))
    assert view_claim(CLAIM, {}, {}, known).state == "holds"
    assert view_claim(CLAIM.replace("71", "70"), {}, {}, known).state == "fails"
    with pytest.raises(InputError, match="not removed yet") as error:
        view_claim(CLAIM, {}, {}, NetworkCircuits(tiny, wiring(tiny), {}, None))
    assert "build.py interventions --network inceptionv1-tiny" in error.value.problems[0].hint
