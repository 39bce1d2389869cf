"""The embedded site as it is built for readers: whole, sound, and no larger than it may be."""

import re
import statistics

import pytest

from early_vision.site.faults import read_folder, site_faults

MOST_BYTES = 60_000_000
MOST_BYTES_OF_A_PAGE = 60_000

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(whole_site):
    return read_folder(whole_site)


def test_every_link_fragment_and_picture_is_sound(files):
    assert [str(fault) for fault in site_faults(files)] == []


def test_every_neuron_has_its_page_and_data(files):
    pages = [path for path in files if re.fullmatch(r"early-vision-tiny/neurons/\w+/\d+\.html", path)]
    assert len(pages) == 1056
    assert all(f"{page.removesuffix('html')}json" in files for page in pages)
    assert statistics.median(len(files[page]) for page in pages) < MOST_BYTES_OF_A_PAGE


def test_the_site_is_no_larger_than_it_may_be(files):
    assert sum(len(files[path]) for path in files) < MOST_BYTES
