"""What an article's search finds, as a script for the pages' own use: they may have been opened from the disk."""

import json
from collections.abc import Iterator, Mapping

from early_vision.site.data.words import WORDS
from early_vision.site.sprites import size_in_tiles
from early_vision.site.views.article import ArticleView
from early_vision.tuning import LayerTuning
from early_vision.tuning.families import FAMILIES
from early_vision.tuning.measures import MEASURES

HEAD = """\
/* What the search of an article finds; assets/find.js reads it.

   title    of the article
   entries  [kind, name, address from the article's folder, words to find it by, other names, a neuron as its picture
            (place in neurons, or null)]
   layers   [name, short name, neurons]
   groups   the names of neuron groups
   sprites  [path from the article's folder, columns]
   neurons  in the order of layers and channels: group (place in groups), sprite, column, row (null without pictures)
            and facts: what it responds to, in a sentence */
"""

Entry = tuple[str, str, str, str, str, int | None]


def search_js(view: ArticleView, columns: Mapping, tuning: Mapping[str, LayerTuning]) -> bytes:
    """The script that adds what is found in an article to `earlyVisionSearch`; its head says what it holds.

    Args:
        view: the article.
        columns: its neurons, as `neuron_columns` gives them.
        tuning: of its layers, or empty.
    """
    sprites = [(one, size_in_tiles(one)[0]) for some in view.sprites.values() for one in some]
    places = {sprite.path: at for at, (sprite, _) in enumerate(sprites)}
    tiles = [neuron.tile for neuron in view.neurons]
    data = {
        "title": view.article.front.title,
        "entries": list(_entries(view, tuning)),
        "layers": [[name, _short(name), layer.layer.neurons] for name, layer in view.layers.items()],
        "groups": [card.group.name for layer in view.layers.values() for card in layer.cards],
        "sprites": [[sprite.path, across] for sprite, across in sprites],
        "neurons": {
            "group": columns["columns"]["group"],
            "sprite": [tile and places[tile.sprite.path] for tile in tiles],
            "column": [tile and tile.column for tile in tiles],
            "row": [tile and tile.row for tile in tiles],
            "facts": columns["columns"]["facts"],
        },
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{HEAD}(globalThis.earlyVisionSearch ??= {{}})[{json.dumps(view.slug)}] = {text};\n".encode()


def _entries(view: ArticleView, tuning: Mapping[str, LayerTuning]) -> Iterator[Entry]:
    firsts, first = {}, 0
    for name, layer in view.layers.items():
        firsts[name], first = first, first + layer.layer.neurons
        yield ("layer", name, f"index.html#{name}", f"{layer.layer.neurons} neurons", _short(name), None)
    for heading in view.article.headings:
        for one in (heading, *heading.below):
            if one.anchor not in view.layers and not one.anchor.startswith("group_"):
                yield ("section", str(one.text.striptags()), f"index.html#{one.anchor}", "", "", None)
    for name, layer in view.layers.items():
        for card in layer.cards:
            group, shown = card.group, firsts[name] + card.neurons[0].channel
            text = " ".join(str(group.description.striptags() if group.description else "").split())
            yield ("group", group.name, f"index.html#{group.anchor}", text, name, shown)
    if not tuning:
        return
    for family in FAMILIES:
        called = f'family:"{family.name.lower()}"' if " " in family.name else f"family:{family.name.lower()}"
        yield ("family", family.name, f"neurons/index.html#q={_escaped(called)}", family.meaning, "", None)
    for word in WORDS:
        address = f"neurons/index.html#q={_escaped(word.name)}"
        yield ("word", word.name, address, word.meaning, ", ".join(word.also), None)
    for measure in MEASURES.values():
        other = measure.name.replace("_", " ")
        yield ("measure", measure.name, f"measures.html#{measure.name}", measure.meaning, other, None)


def _short(layer: str) -> str:
    """ "3a" for mixed3a."""
    return layer.removeprefix("mixed")


def _escaped(query: str) -> str:
    return query.replace(" ", "+").replace('"', "%22")
