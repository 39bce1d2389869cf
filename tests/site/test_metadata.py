"""What pages say to machines: tags, linked data, the picture for previews, the site map and the feed."""

import datetime
import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from stand_in import build_stand_in

from early_vision.article.schema import Author, FrontMatter
from early_vision.errors import InputError
from early_vision.site.metadata import Place, article_metadata, checked_base_url
from early_vision.site.preview import chosen, preview_image

BASE = "https://example.org/a/b/"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FRONT = FrontMatter(
    title='Curves </script> & "edges"',
    network="inceptionv1-tiny",
    description="One\nand two.",
    authors=(
        Author(name="Ada Lovelace", affiliation="Analytical Society", orcid="0000-0002-1825-0097"),
        Author(name="Mary Somerville"),
    ),
    date=datetime.date(2026, 3, 1),
    doi="10.23915/distill.00024",
)


def test_citation_tags_are_those_that_reference_managers_read():
    tags = article_metadata(FRONT, Place("x/index.html", BASE)).citation
    assert tags == (
        ("citation_title", FRONT.title),
        ("citation_author", "Ada Lovelace"),
        ("citation_author_institution", "Analytical Society"),
        ("citation_author_orcid", "https://orcid.org/0000-0002-1825-0097"),
        ("citation_author", "Mary Somerville"),
        ("citation_publication_date", "2026/03/01"),
        ("citation_doi", "10.23915/distill.00024"),
        ("citation_fulltext_html_url", BASE + "x/"),
        ("citation_language", "en"),
    )


def test_linked_data_cannot_end_its_script_and_says_what_the_front_matter_does():
    text = str(article_metadata(FRONT, Place("x/index.html", BASE)).linked_data)
    assert "<" not in text
    data = json.loads(text)
    assert data["@type"] == "ScholarlyArticle" and data["headline"] == FRONT.title
    assert [author["name"] for author in data["author"]] == ["Ada Lovelace", "Mary Somerville"]
    assert data["description"] == "One and two." and data["image"] == BASE + "x/preview.jpg"


def test_without_the_site_s_address_no_page_names_one():
    metadata = article_metadata(FRONT, Place("x/index.html"))
    assert dict(metadata.graph)["og:image"] == "preview.jpg" and "og:url" not in dict(metadata.graph)
    assert "url" not in json.loads(str(metadata.linked_data))


@pytest.mark.parametrize("given, wanted", [(None, ""), ("https://a.org", "https://a.org/"), (BASE, BASE)])
def test_a_base_url_ends_in_a_slash(given, wanted):
    assert checked_base_url(given) == wanted


@pytest.mark.parametrize(
    "given", ["example.org", "/a/b", "https://", "ftp://a.org/", "https://a.org/?page=1", "https://a.org/#x"]
)
def test_a_base_url_is_the_address_of_a_site(given):
    with pytest.raises(InputError, match="no address of a site"):
        checked_base_url(given)


def test_the_preview_shows_layers_from_left_to_right_and_is_the_same_every_time():
    reds, blues = ([np.full((20, 20, 3), colour, np.uint8)] * 40 for colour in ((200, 0, 0), (0, 0, 200)))
    layers = {"conv2d0": reds, "conv2d1": blues}
    data = preview_image("A title " * 12, "two layers", layers)
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (1200, 630) and picture.format == "JPEG"
    left, right = picture.getpixel((50, 600)), picture.getpixel((1150, 600))
    assert left[0] > 150 > left[2] and right[2] > 150 > right[0]
    assert data == preview_image("A title " * 12, "two layers", layers)
    assert preview_image("No pictures", "none", {"conv2d0": []}) != data


def test_every_layer_is_among_the_chosen_in_proportion():
    assert chosen([list("aaaa"), list("bbbbbbbb")], 6) == list("aabbbb")
    assert chosen([list("ab"), ["c"]], 6) == list("abc")


def test_pages_of_the_site_carry_the_metadata(site):
    page = (site / "early-vision-tiny/index.html").read_text("utf-8")
    assert '<meta name="citation_title" content="Early Vision in a Small Network">' in page
    assert "canonical" not in page and "feed.xml" not in page and not (site / "sitemap.xml").exists()
    assert json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])["headline"]
    for path in ("index.html", "early-vision-tiny/routes.html", "early-vision-tiny/neurons/mixed3b/479.html"):
        assert re.search(r'<meta name="description" content="[^"]{40,}', (site / path).read_text("utf-8")), path


@pytest.mark.slow
def test_with_a_base_url_there_are_canonical_links_a_site_map_and_a_feed(tmp_path, content, memory):
    build_stand_in([content / "early-vision-tiny"], tmp_path, memory=memory, base_url=BASE)
    page = (tmp_path / "early-vision-tiny/index.html").read_text("utf-8")
    assert f'<link rel="canonical" href="{BASE}early-vision-tiny/">' in page and 'href="../feed.xml"' in page
    places = [place.text for place in ElementTree.parse(tmp_path / "sitemap.xml").iter(f"{MAP}loc")]
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert set(places) == {BASE + path.removesuffix("index.html") for path in made} and len(places) > 1056
    feed = ElementTree.parse(tmp_path / "feed.xml").getroot()
    assert [entry.find(f"{ATOM}id").text for entry in feed.iter(f"{ATOM}entry")] == [BASE + "early-vision-tiny/"]
    assert feed.find(f"{ATOM}updated").text == "2026-11-23T00:00:00Z"
