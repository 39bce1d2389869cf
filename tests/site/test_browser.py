"""The neuron browser in Chromium: searching, sorting, filtering, walking, picking and comparing."""

import csv
import itertools
import json
import re

import pytest
from chromium import CHROMIUM
from playwright.sync_api import expect

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

BROWSER = "early-vision-tiny/neurons/index.html"
COMPARE = "early-vision-tiny/neurons/compare.html"
LAYERS = {"conv2d0": 64, "conv2d1": 64, "conv2d2": 192, "mixed3a": 256, "mixed3b": 480}


@pytest.fixture(scope="module")
def table(site) -> dict[str, dict]:
    """What was measured, by neuron, from the table that readers download."""
    text = (site / "early-vision-tiny/data/neurons.csv").open(encoding="utf-8")
    return {f"{row['layer']}:{row['channel']}": row for row in csv.DictReader(text)}


@pytest.fixture(scope="module")
def words(site) -> dict[str, set[str]]:
    """The neurons that each word holds for."""
    script = (site / "early-vision-tiny/data/neurons.js").read_text("utf-8")
    data = json.loads(script.partition("globalThis.earlyVisionNeurons = ")[2].removesuffix(";\n"))
    names = [f"{layer['name']}:{channel}" for layer in data["layers"] for channel in range(layer["neurons"])]
    return {word["name"]: {names[place] for place in word["neurons"]} for word in data["words"]}


def shown(page) -> list[str]:
    """The neurons on the wall, in order, by name."""
    links = page.evaluate("[...document.querySelectorAll('.wall a')].map(a => a.getAttribute('href'))")
    return [link.removesuffix(".html").replace("/", ":") for link in links]


def search(page, text: str) -> list[str]:
    page.locator("#query").fill(text)
    return shown(page)


def focused(page) -> str | None:
    link = page.evaluate("document.activeElement.closest('.wall a')?.getAttribute('href') ?? null")
    return link and link.removesuffix(".html").replace("/", ":")


def wait_for_address(page, pattern: str) -> None:
    page.wait_for_function("pattern => new RegExp(pattern).test(location.hash)", arg=pattern)


def near(angle: float, other: float, period: float) -> float:
    return abs((angle - other + period / 2) % period - period / 2)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("3a:79", ["mixed3a:79"]),
        ("mixed3a:79", ["mixed3a:79"]),
        ("  MIXED3A:79 ", ["mixed3a:79"]),
        ("79", ["conv2d2:79", "mixed3a:79", "mixed3b:79"]),
        ("3a:256", []),
        ("nowhere", []),
        ("2d0 63", ["conv2d0:63"]),
    ],
)
def test_search_by_number(open_page, query, found):
    page = open_page(BROWSER)
    assert search(page, query) == found
    assert page.complaints == []


def test_search_by_property_group_and_family(open_page, table, words):
    page = open_page(BROWSER)
    upright = set(search(page, "vertical"))
    assert upright == words["vertical"] and len(upright) > 50
    assert all(near(float(table[name]["orientation"]), 90, 180) <= 15.01 for name in upright)
    assert set(search(page, "inhibited by colour")) == words["inhibited by colour"]
    assert set(search(page, "Inhibited by Color, fine")) == words["inhibited by colour"] & words["fine"]
    assert set(search(page, "vertical -fine")) == words["vertical"] - words["fine"]
    assert set(search(page, "vertical mixed3a")) == {name for name in upright if name.startswith("mixed3a:")}
    assert set(search(page, "group:curves")) == {name for name, row in table.items() if row["group"] == "Curves"}
    assert set(search(page, 'group:"color contrast"')) == {
        name for name, row in table.items() if row["group"] == "Color Contrast"
    }
    # As in early_vision/tuning: half of every condition fulfilled; three families are shown of each neuron.
    curves = set(search(page, "family:curves"))
    assert curves and curves <= {name for name, row in table.items() if float(row["family Curves"]) >= 0.495}
    oblique = search(page, "45°")
    assert oblique and all(near(float(table[name]["orientation"]), 45, 180) <= 10.6 for name in oblique)
    # What is being typed finds all that it may become.
    assert set(search(page, "verti")) >= upright
    assert set(search(page, "inhibited by co")) >= words["inhibited by colour"]
    assert page.complaints == []


def test_counts_are_shown_and_announced(open_page, words):
    page = open_page(BROWSER)
    expect(page.locator("#count")).to_have_text("1,056 neurons")
    search(page, "red")
    expect(page.locator("#count")).to_have_text(f"{len(words['red'])} of 1,056")
    expect(page.locator("#announcement")).to_have_text(f"{len(words['red'])} neurons found")
    search(page, "xyzzy")
    expect(page.locator(".notice")).to_contain_text("“xyzzy”")
    expect(page.locator("#announcement")).to_have_text("No neuron found")


def test_suggestions_complete_what_is_typed(open_page, words):
    page = open_page(BROWSER)
    search(page, "fine verti")
    page.locator("#suggestions a", has_text="vertical").click()
    assert page.locator("#query").input_value() == "fine vertical"
    assert set(shown(page)) == words["fine"] & words["vertical"]


def test_the_table_of_words_searches_and_counts(open_page, words):
    page = open_page(BROWSER)
    page.locator("#words summary").click()
    rows = page.locator("#words tbody tr:has(a)")
    for row in rows.all():
        name, count = row.locator("a").inner_text(), int(row.locator("td").first.inner_text())
        assert len(words[name]) == count
    page.locator("#words a", has_text="end-stopped").click()
    assert set(shown(page)) == words["end-stopped"]


def test_filter_by_layer(open_page):
    page = open_page(BROWSER)
    page.locator("input[value=conv2d1]").check()
    assert shown(page) == [f"conv2d1:{channel}" for channel in range(64)]
    page.locator("input[value=conv2d0]").check()
    assert len(shown(page)) == 128
    wait_for_address(page, "layer=conv2d[01],conv2d[01]")
    page.reload()
    assert len(shown(page)) == 128 and page.locator("input[value=conv2d0]").is_checked()


@pytest.mark.parametrize(
    ("name", "measure", "falling"),
    [
        ("orientation_selectivity", "orientation_selectivity", True),
        ("frequency", "frequency", True),
        ("colour_selectivity", "colour_selectivity", True),
    ],
)
def test_sort_by_a_measure(open_page, table, name, measure, falling):
    page = open_page(BROWSER)
    page.locator("#sort").select_option(name)
    values = [float(table[one][measure]) for one in shown(page)]
    assert len(values) == 1056
    assert all(a >= b - 0.011 for a, b in itertools.pairwise(values))
    page.locator("#order").click()
    values = [float(table[one][measure]) for one in shown(page)]
    assert all(a <= b + 0.011 for a, b in itertools.pairwise(values))


def test_sorting_by_an_angle_puts_those_without_a_clear_one_last(open_page, table):
    page = open_page(BROWSER)
    page.locator("#sort").select_option("orientation")
    clear, rest = (
        [link.removesuffix(".html").replace("/", ":") for link in links]
        for links in page.evaluate(
            "[...document.querySelectorAll('.walls > section')].map("
            "section => [...section.querySelectorAll('a[href$=html]:has(img)')].map(a => a.getAttribute('href')))"
        )
    )
    angles = [round(float(table[name]["orientation"])) % 180 for name in clear]
    assert len(clear) > 300 and all(a <= b or a == 179 for a, b in itertools.pairwise(angles))
    assert min(float(table[name]["orientation_selectivity"]) for name in clear) >= 0.295
    assert max(float(table[name]["orientation_selectivity"]) for name in rest) <= 0.305
    first = page.locator(".wall a").first
    assert re.search(r"\d°$", first.inner_text())


def test_sorting_by_group_keeps_the_articles_order(open_page, site):
    page = open_page(f"{BROWSER}#sort=group")
    groups = json.loads((site / "early-vision-tiny/data/groups.json").read_text("utf-8"))
    titles = page.locator(".walls h2").all_inner_texts()
    assert len(titles) == sum(len(layer["groups"]) for layer in groups.values())
    assert len(set(shown(page))) == 1056
    gabors = groups["conv2d0"]["groups"][0]
    at = shown(page).index(f"conv2d0:{gabors['units'][0]}")
    assert shown(page)[at : at + len(gabors["units"])] == [f"conv2d0:{unit}" for unit in gabors["units"]]


def test_arrows_walk_the_wall_and_enter_opens(open_page):
    page = open_page(BROWSER, width=1024)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "query"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "conv2d0:0"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "conv2d0:1"
    columns = page.evaluate(
        "new Set([...document.querySelectorAll('#conv2d0 li')].map(li => li.getBoundingClientRect().left)).size"
    )
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"conv2d0:{1 + columns}"
    page.keyboard.press("ArrowUp")
    assert focused(page) == "conv2d0:1"
    # From a layer's last, shorter row into the next layer's first row, and back.
    page.keyboard.press("End")
    assert focused(page) == "mixed3b:479"
    page.keyboard.press("Home")
    for _ in range(63):
        page.keyboard.press("ArrowRight")
    assert focused(page) == "conv2d0:63"
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"conv2d1:{63 % columns}"
    page.keyboard.press("ArrowUp")
    assert focused(page) == "conv2d0:63"
    page.keyboard.press("Enter")
    page.wait_for_url("**/neurons/conv2d0/63.html")
    assert page.complaints == []


def test_the_wall_is_one_stop_of_the_tab_key(open_page):
    page = open_page(BROWSER)
    search(page, "vertical")
    stops = page.evaluate("[...document.querySelectorAll('.wall a')].filter(a => a.tabIndex === 0).length")
    assert stops == 1


def test_escape_clears_and_enter_in_the_search_goes_on(open_page):
    page = open_page(f"{BROWSER}#q=vertical&layer=conv2d0")
    page.locator("#query").press("Enter")
    assert focused(page) == shown(page)[0]
    page.keyboard.press("Escape")
    assert len(shown(page)) == 1056 and page.locator("#query").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "query"
    page.keyboard.type("3a:79")
    page.keyboard.press("Enter")
    page.wait_for_url("**/neurons/mixed3a/79.html")


def test_the_address_says_everything(open_page):
    page = open_page(BROWSER)
    search(page, "inhibited by colour")
    page.locator("#sort").select_option("frequency")
    page.locator("#order").click()
    page.locator("input[value=mixed3b]").check()
    page.locator(".wall a").first.focus()
    page.keyboard.press("c")
    picked = focused(page)
    wait_for_address(page, "compare=")
    before, hash_ = shown(page), page.evaluate("location.hash")
    assert hash_ == f"#q=inhibited+by+colour&layer=mixed3b&sort=frequency&order=rising&compare={picked}"
    other = open_page(f"{BROWSER}{hash_}")
    assert shown(other) == before
    assert other.locator("#tray li").count() == 1
    assert other.locator("#query").input_value() == "inhibited by colour"
    assert page.complaints == other.complaints == []
    # And from the page of a neuron back to the same.
    page.locator(".wall a").first.click()
    page.go_back()
    assert shown(page) == before


def test_addresses_that_mean_nothing_do_no_harm(open_page):
    page = open_page(f"{BROWSER}#q=%22&layer=conv9&sort=beauty&order=up&compare=x,conv2d0:64,mixed3a:1,mixed3a:1")
    assert page.locator("#tray li").count() == 1 and len(shown(page)) > 0
    assert open_page(f"{BROWSER}#mixed3b").locator(".wall a").count() == 1056
    assert page.complaints == []


def test_six_neurons_at_most_are_picked_and_compared(open_page):
    page = open_page(f"{BROWSER}#layer=mixed3a")
    tiles = page.locator(".wall > li")
    tiles.nth(0).hover()
    page.locator(".picker").click()
    assert page.locator("#tray li").count() == 1 and focused(page) == "mixed3a:0"
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("c")
    assert page.locator("#tray li").count() == 6
    expect(page.locator("#announcement")).to_contain_text("6 neurons are picked already")
    page.get_by_role("button", name="Remove mixed3a:2").click()
    page.locator("#tray .button").click()
    page.wait_for_url("**/compare.html#neurons=mixed3a:0,mixed3a:1,mixed3a:3,mixed3a:4,mixed3a:5")
    expect(page.locator(".comparison .head")).to_have_count(5)
    assert page.complaints == []


def test_picking_by_touch(open_page):
    page = open_page(BROWSER, width=390, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Pick to compare").tap()
    for at in (1, 3):
        page.locator(".wall a").nth(at).tap()
    assert page.locator("#tray li").count() == 2
    page.get_by_role("button", name="Pick to compare").tap()
    page.locator(".wall a").nth(2).tap()
    page.wait_for_url("**/neurons/conv2d0/2.html")
    assert page.complaints == []


def drawn(page) -> list[str]:
    page.locator(".comparison .head .name").first.wait_for()
    return page.locator(".comparison .head .name").all_inner_texts()


def test_comparing_shows_pictures_curves_and_shared_inputs(open_page, site):
    page = open_page(f"{COMPARE}#neurons=mixed3a:84,mixed3a:79,mixed3b:5")
    assert drawn(page) == ["mixed3a:84", "mixed3a:79", "mixed3b:5"]
    assert "mixed3a:84, mixed3a:79, mixed3b:5" in page.title()
    assert page.locator(".comparison .group-plot").count() == 4 * 3
    sizes = page.evaluate(
        "Promise.all([...document.querySelectorAll('.comparison img')].map("
        "image => image.decode().then(() => [image.naturalWidth, image.width > 100, image.getAttribute('width')])))"
    )
    assert all(natural == int(given) >= 200 and large for natural, large, given in sizes) and len(sizes) == 3
    # What both of one layer have as inputs, from the data that their own pages offer.
    inputs = {}
    for channel in (84, 79):
        rows = csv.DictReader((site / "early-vision-tiny/data/connections-mixed3a.csv").open(encoding="utf-8"))
        strongest = [row for row in rows if row["channel"] == str(channel)][:30]
        inputs[channel] = {row["source"]: float(row["excitation"]) + float(row["inhibition"]) for row in strongest}
    both = set(inputs[84]) & set(inputs[79])
    said = page.locator(".inputs .label a").all_inner_texts()
    assert {f"conv2d2:{channel}" for channel in both} == set(said) and both
    expect(page.locator(".pairs li").first).to_contain_text(
        f"mixed3a:84 and mixed3a:79 share {len(both)} of their 30 strongest inputs; their weights from these correlate"
    )
    assert page.complaints == []


def test_the_figures_are_those_of_the_neurons_pages(open_page):
    neuron = open_page("early-vision-tiny/neurons/mixed3a/84.html")
    page = open_page(f"{COMPARE}#neurons=mixed3a:84")
    drawn(page)
    # One draws its paths from where the last ended, the other each by itself: what they cover is the same.
    shapes = """[...document.querySelectorAll('%s svg.group-plot')].map(figure => {
      const paths = [...figure.querySelectorAll('path')], boxes = paths.map(path => path.getBBox());
      return [
        Math.min(...boxes.map(box => box.x)), Math.min(...boxes.map(box => box.y)),
        Math.max(...boxes.map(box => box.x + box.width)), Math.max(...boxes.map(box => box.y + box.height)),
        paths.reduce((sum, path) => sum + path.getTotalLength(), 0) / 100];
    })"""
    theirs, ours = neuron.evaluate(shapes % ".tuning"), page.evaluate(shapes % ".comparison")
    assert len(theirs) == len(ours) == 4
    for one, other in zip(theirs, ours, strict=True):
        # The data have lengths in whole percent, of 440 and 880 units.
        assert one[4] > 5 and one == pytest.approx(other, abs=5.1)


def test_adding_and_removing_changes_the_address(open_page):
    page = open_page(COMPARE)
    expect(page.locator("#notice")).to_contain_text("Nothing is compared yet")
    field = page.get_by_label("Add a neuron")
    field.fill("3b:480")
    field.press("Enter")
    expect(page.locator("#notice")).to_contain_text("There is no neuron “3b:480”")
    for name in ("3b:5", "conv2d0:1"):
        field.fill(name)
        field.press("Enter")
    expect(page.locator(".comparison .head")).to_have_count(2)
    assert page.evaluate("location.hash") == "#neurons=mixed3b:5,conv2d0:1"
    page.locator(".suggested a").first.click()
    expect(page.locator(".comparison .head")).to_have_count(3)
    page.get_by_role("link", name="Remove mixed3b:5").click()
    expect(page.locator(".comparison .head")).to_have_count(2)
    page.go_back()
    expect(page.locator(".comparison .head")).to_have_count(3)
    names = drawn(page)
    page.reload()
    assert drawn(page) == names
    page.get_by_role("link", name="Pick among all neurons").click()
    page.locator("#tray li").first.wait_for()
    assert page.locator("#tray li").count() == 3
    assert page.complaints == []


def test_a_neurons_page_leads_to_its_comparison(open_page):
    page = open_page("early-vision-tiny/neurons/conv2d2/17.html")
    page.get_by_role("link", name="Compare", exact=True).click()
    assert drawn(page) == ["conv2d2:17"]


def test_without_scripts_it_is_a_list_of_all_neurons(open_page):
    page = open_page(BROWSER, java_script_enabled=False)
    assert not page.locator("#search").is_visible()
    links = [link.get_attribute("href") for link in page.locator(".walls ul a").all()]
    assert links == [f"{layer}/{channel}.html" for layer, count in LAYERS.items() for channel in range(count)]
    titles = [" ".join(title.split()) for title in page.locator(".walls h2").all_text_contents()]
    assert titles == [f"{layer} {count} neurons" for layer, count in LAYERS.items()]
    page.locator(".wall a").nth(70).click()
    page.wait_for_url("**/neurons/conv2d1/6.html")
    compare = open_page(COMPARE, java_script_enabled=False)
    assert compare.locator("noscript").inner_text()
    assert not compare.locator("#adding").is_visible()


@pytest.mark.parametrize("width", (320, 390, 1024, 1600))
@pytest.mark.parametrize(
    "name",
    (
        f"{BROWSER}#q=vertical&sort=hue&compare=mixed3a:1,mixed3a:2,mixed3a:3,mixed3b:1,mixed3b:2,mixed3b:3",
        f"{COMPARE}#neurons=mixed3a:1,mixed3a:2,mixed3a:3,mixed3b:1,mixed3b:2,mixed3b:3",
    ),
)
def test_nothing_makes_the_page_scroll_sideways(open_page, name, width):
    page = open_page(name, width)
    page.locator("#tray li, .comparison .head").last.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_every_tile_on_the_wall_shows_its_own_part_of_a_sprite(open_page):
    page = open_page(f"{BROWSER}#sort=hue")
    image = page.locator("a[href='mixed3b/300.html'] img")
    # Neuron 300 is the 44th of its sprite: the third row's thirteenth.
    assert image.evaluate("image => getComputedStyle(image).objectPosition") == "-720px -120px"


def test_paper_has_the_wall_and_no_controls(open_page):
    page = open_page(f"{BROWSER}#q=vertical&compare=mixed3a:1")
    page.emulate_media(media="print")
    assert not any(page.locator(one).is_visible() for one in ("#search", "#tray", "#words", ".keys"))
    assert page.locator(".wall a").first.is_visible()
