"""Cards fill their rows and leave little of the page empty."""

from hypothesis import given
from hypothesis import strategies as st

from early_vision.site.views.cards import COLUMN_WIDTHS, Content, justified_spans

CARDS = st.lists(st.builds(Content, st.integers(1, 480), st.integers(0, 900)), min_size=1, max_size=30)


@given(CARDS, st.sampled_from(sorted(COLUMN_WIDTHS)))
def test_every_row_is_full(cards, columns):
    spans = justified_spans(cards, columns)
    assert len(spans) == len(cards) and min(spans) >= 1
    filled = 0
    for span in spans:
        filled += span
        assert filled <= columns
        filled %= columns
    assert filled == 0


def test_a_single_group_has_the_whole_row():
    assert justified_spans([Content(480)], 3) == (3,)


def test_cards_of_one_height_are_beside_each_other_and_a_large_one_has_the_row():
    small, large = Content(8, 200), Content(60, 200)
    assert justified_spans([small, small, large, small, small], 2) == (1, 1, 2, 1, 1)
