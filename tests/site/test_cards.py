"""Cards fill their rows."""

from hypothesis import given
from hypothesis import strategies as st

from early_vision.site.views.cards import NEURONS_PER_COLUMN, justified_spans

SIZES = st.lists(st.integers(1, 480), min_size=1, max_size=30)


@given(SIZES, st.sampled_from(sorted(NEURONS_PER_COLUMN)))
def test_every_row_is_full(sizes, columns):
    spans = justified_spans(sizes, columns)
    assert len(spans) == len(sizes) and min(spans) >= 1
    filled = 0
    for span in spans:
        filled += span
        assert filled <= columns
        filled %= columns
    assert filled == 0


def test_a_single_group_has_the_whole_row():
    assert justified_spans([480], 4) == (4,)


def test_larger_groups_are_wider():
    assert justified_spans([17, 11, 11, 10, 9, 4, 2], 4) == (2, 1, 1, 1, 1, 1, 1)
    assert justified_spans([28, 27, 9], 3) == (3, 2, 1)
