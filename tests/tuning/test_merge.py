"""Proposals go into an author's file without losing a letter of it."""

import pytest
import yaml

from early_vision.article.merge import merge
from early_vision.article.proposals import Proposal
from early_vision.errors import InputError

PROPOSALS = (
    Proposal("Lines", (4, 1, 0), (0.9, 0.7, 0.51)),
    Proposal("Curves", (2,), (1.0,)),
    Proposal("Other Units", (3, 5), (0.2, 0.1)),
)

AUTHORED = """\
# My own remark.

- name: Lines
  description: >
    Lines, and no *more*.
  neurons: [1, 0]  # two so far

# About the rest.
- name: Not yet grouped
  neurons: [
    2, 3, 4, 5
  ]

- name: Odd ones
  neurons:
    - 5
"""


def neurons(text: str) -> dict[str, list[int]]:
    return {group["name"]: group["neurons"] for group in yaml.safe_load(text)}


def test_without_a_file_everything_is_proposed_with_its_confidence():
    text = merge(None, "conv2d2", PROPOSALS)
    assert neurons(text) == {"Lines": [4, 1, 0], "Curves": [2], "Other Units": [3, 5]}
    assert "# proposed with scores of 0.51 to 0.90; below 0.6: 0 (0.51)" in text


def test_what_the_author_wrote_stays_and_what_is_new_is_marked():
    text = merge(AUTHORED, "conv2d2", PROPOSALS)
    assert neurons(text) == {"Lines": [1, 0, 4], "Odd ones": [5], "Curves": [2], "Other Units": [3]}
    assert "# new: 4 (0.90)\n  neurons: [1, 0, 4]  # two so far" in text
    for kept in (
        "# My own remark.",
        "Lines, and no *more*.",
        "# About the rest.",
        "- name: Odd ones\n  neurons:\n    - 5\n",
    ):
        assert kept in text
    assert "Not yet grouped" not in text


def test_twice_changes_nothing():
    text = merge(AUTHORED, "conv2d2", PROPOSALS)
    assert merge(text, "conv2d2", PROPOSALS) == text


def test_new_neurons_join_a_list_with_one_a_line():
    text = merge("- name: Curves\n  neurons:\n    - 0\n    - 1 # the best\n", "conv2d2", PROPOSALS)
    assert neurons(text)["Curves"] == [0, 1, 2]
    assert "- 1\n    - 2 # the best" in text


def test_a_trailing_comma_and_a_comment_in_the_list_do_no_harm():
    text = merge("- name: Curves\n  neurons: [0, 1, 3, 4, 5, # all\n  ]\n", "conv2d2", PROPOSALS)
    assert neurons(text) == {"Curves": [0, 1, 3, 4, 5, 2]}


@pytest.mark.parametrize(
    "text, said",
    [
        ("- name: A\n  neurons: [1", "cannot be read as YAML"),
        ("name: A\n", "groups.yaml: this is no group|groups.yaml:1: this is no group"),
        ("- name: A\n  neurons: [1]\n- nam: B\n", "groups.yaml:3: this is no group"),
        ("- name: A\n  neurons: [one]\n", "groups.yaml:2: the neurons are not a list of channels"),
    ],
)
def test_a_file_that_is_wrong_is_not_touched(text, said):
    with pytest.raises(InputError, match=said):
        merge(text, "conv2d2", PROPOSALS, "groups.yaml")
