"""The page that runs the network on the reader's own picture: its arithmetic, and what it does with all kinds of input."""

import base64
import functools
import http.server
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chromium import CHROMIUM, FLAGS, LIVE, NEURON
from PIL import Image
from playwright.sync_api import expect
from stand_in import ROOT

from early_vision.network.architecture import INPUT, Architecture, Node
from early_vision.network.weights import expected_shapes, network_from_tensors
from early_vision.site.data.live_network import live_js
from early_vision.site.data.live_pictures import drawn_pictures

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

TOLERANCE = 1e-3
"""Of a layer's largest activation."""
RUN = """async ([network, pictures, plain]) => {
  const results = [];
  let layers, finish;
  const text = (values) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    let all = "";
    for (let at = 0; at < bytes.length; at += 8192) all += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(all);
  };
  let simd = null;
  const runner = earlyVision.liveNetwork(network ?? globalThis.earlyVisionNetwork, {
    ready: (one) => (simd = one.simd),
    layer: (layer) => (layers[layer.name] = text(layer.values)),
    done: () => finish(),
    failed: ({ message }) => finish(message),
  }, { plain });
  for (const { width, height, pixels } of pictures) {
    layers = {};
    const bytes = Uint8ClampedArray.from(atob(pixels), (one) => one.charCodeAt(0));
    const failed = await new Promise((resolve) => {
      finish = resolve;
      runner.run({ width, height, pixels: bytes });
    });
    if (failed) throw new Error(failed);
    results.push(layers);
  }
  runner.stop();
  return [simd, results];
}"""


def in_page(page, pictures, network=None, plain=False) -> list[dict[str, np.ndarray]]:
    """The values of every layer for some pictures, uint8 [height, width, 3], as the page's worker computes them."""
    given = []
    for picture in pictures:
        pixels = np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], axis=2)
        text = base64.b64encode(pixels.tobytes()).decode()
        given.append({"width": picture.shape[1], "height": picture.shape[0], "pixels": text})
    script = network and json.loads(
        live_js(network).partition("globalThis.earlyVisionNetwork = ")[2].removesuffix(";\n")
    )
    simd, results = page.evaluate(RUN, [script, given, plain])
    assert simd is not plain
    return [{name: np.frombuffer(base64.b64decode(text), "<f4") for name, text in layers.items()} for layers in results]


def differences(network, pictures, results) -> list[float]:
    """How far each layer is from TensorFlow's, of its largest activation."""
    import tensorflow as tf

    from early_vision.network.tensorflow_ops import forward

    found = []
    for picture, layers in zip(pictures, results, strict=True):
        wanted = forward(network, tf.constant(picture[None], tf.float32), network.architecture.layer_names)
        assert layers.keys() == wanted.keys()
        for name, value in wanted.items():
            value = value.numpy().ravel()
            assert value.shape == layers[name].shape
            found.append(float(np.abs(value - layers[name]).max() / np.abs(value).max()))
    return found


@pytest.mark.tensorflow
@pytest.mark.parametrize("plain", [False, True])
def test_equal_to_tensorflow(open_page, tiny, plain):
    pictures = [
        np.asarray(Image.open(io.BytesIO(one.png)).convert("RGB").resize((112, 112))) for one in drawn_pictures()
    ]
    pictures.append(np.random.default_rng(0).integers(0, 256, (75, 101, 3), dtype=np.uint8))
    found = differences(tiny, pictures, in_page(open_page(LIVE), pictures, plain=plain))
    assert len(found) == 25 and max(found) < TOLERANCE


@pytest.mark.tensorflow
def test_every_operation_is_that_of_tensorflow(open_page):
    """A network of no sense, in which every operation and every kind of padding is."""

    def conv(name, source, channels, kernel=3, **others):
        return Node(name, "conv", (source,), kernel=kernel, channels=channels, **others)

    activations = ("relu6", "leaky_relu", "elu", "silu", "gelu", "sigmoid", "tanh", "sign")
    nodes = (
        conv("first", INPUT, 12, kernel=5, stride=2, padding=(1, 2), activation="linear"),
        Node("scaled", "scale", ("first",), channels=12),
        *(Node(f"as_{name}", name, ("scaled",), channels=12) for name in activations),
        Node("all", "concat", tuple(f"as_{name}" for name in activations), channels=96),
        conv("grouped", "all", 24, groups=4, padding="valid", activation="silu"),
        conv("deep", "grouped", 24, groups=24, padding_value=1.0, activation="leaky_relu", slope=0.2),
        Node("averaged", "avg_pool", ("deep",), kernel=3, stride=2, channels=24),
        Node("caffe", "avg_pool", ("deep",), kernel=3, stride=2, padding=(1, 1), channels=24),
        Node("caffe_max", "max_pool", ("deep",), kernel=3, stride=2, padding="valid", ceil=True, channels=24),
        Node("max", "max_pool", ("deep",), kernel=3, stride=2, channels=24),
        Node("twice", "add", ("averaged", "max"), channels=24),
        Node("normal", "lrn", ("twice",), channels=24),
    )
    shown = ("first", "scaled", "all", "grouped", "deep", "averaged", "caffe", "caffe_max", "twice", "normal")
    architecture = Architecture(nodes, shown, input_mean=(120.0, 110.0, 100.0))
    random = np.random.default_rng(1)
    tensors = {name: random.normal(0, 0.1, shape) for name, shape in expected_shapes(architecture).items()}
    network = network_from_tensors("odd", tensors, architecture, "a test")
    pictures = [random.integers(0, 256, (41, 58, 3), dtype=np.uint8)]
    page = open_page(LIVE)
    assert max(differences(network, pictures, in_page(page, pictures, network))) < TOLERANCE
    unknown = replace(architecture, nodes=(*nodes[:-1], replace(nodes[-1], op="softmax")))
    with pytest.raises(Exception, match="does not know how to compute normal: softmax"):
        in_page(page, pictures, replace(network, architecture=unknown))


def test_assembled_product_is_its_source():
    wasmtime = pytest.importorskip("wasmtime")
    script = (ROOT / "assets/js/live-product.js").read_text("utf-8")
    text = "".join(re.findall(r'"([A-Za-z0-9+/=]+)"', script.partition("ASSEMBLED =")[2].partition(";")[0]))
    source = (ROOT / "assets/js/live-product.wat").read_text("utf-8")
    assert base64.b64decode(text) == bytes(wasmtime.wat2wasm(source))


def test_network_takes_less_than_two_megabytes(site):
    assert (site / "early-vision-tiny/data/live.js").stat().st_size < 2e6


def done(page) -> None:
    expect(page.locator("#state")).to_contain_text("All 5 layers", timeout=30_000)


def take(page, name: str, data: bytes, kind: str = "image/png") -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": data})


def encoded(picture: Image.Image, form: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def test_neuron_leads_to_its_map_and_back(open_page, site):
    page = open_page(NEURON)
    page.get_by_role("link", name="On your own picture").click()
    done(page)
    words = page.locator("#map-words")
    expect(words).to_contain_text("conv2d0:0 fires")
    assert page.locator("input[name=layer]:checked").input_value() == "conv2d0"
    page.locator("label", has_text="mixed3a").click()
    page.locator("#fired button").first.click()
    expect(words).to_contain_text("mixed3a:")
    assert page.evaluate("location.hash").startswith("#neuron=mixed3a:")
    for link in page.locator(".live-results a, #map-words a").all():
        assert (site / "early-vision-tiny" / link.get_attribute("href").partition("#")[0]).is_file()
    assert re.fullmatch(r"3a:\d+ .*\S \d+ %", page.locator("#fired button").first.inner_text().replace("\n", " "))
    page.locator("#groups button").first.click()
    expect(words.get_by_role("link", name="The group in the article")).to_be_visible()
    assert page.complaints == []


def test_place_is_chosen_by_keyboard_and_by_touch(open_page):
    page = open_page(LIVE, 390, 844, has_touch=True)
    done(page)
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#place-words")).to_contain_text("116 px from the left and 112 px from the top")
    assert page.locator("#at-place > li").count() == 5 and page.locator("#at-place button").count() >= 10
    page.keyboard.press("Escape")
    expect(page.locator("#place")).to_be_hidden()
    page.locator("#canvas").tap()
    expect(page.locator("#place")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.complaints == []


def test_map_is_that_of_the_picture_under_it(open_page):
    """Whichever layer is listed meanwhile."""
    said = []
    for layer in ("conv2d0", "mixed3b"):
        page = open_page(f"{LIVE}#neuron=mixed3b:10")
        done(page)
        page.locator("label", has_text=layer).click()
        words = page.locator("#map-words")
        expect(words).to_contain_text("mixed3b:10 fires")
        first = words.text_content()
        page.locator("#drawn button").nth(3).click()
        expect(words).not_to_have_text(first)
        done(page)
        said.append(words.text_content())
    assert said[0] == said[1]


def test_picture_stays_in_sight_of_what_is_chosen(open_page):
    in_sight = """(id) => {
      const { top, bottom } = document.getElementById(id).getBoundingClientRect();
      return Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 48)) / Math.min(bottom - top, innerHeight);
    }"""
    touch = {"has_touch": True, "is_mobile": True}
    for width, height, options in ((390, 844, touch), (844, 390, touch), (1440, 900, {})):
        page = open_page(LIVE, width, height, **options)
        done(page)
        if width == 1440:
            # With the pad above it, the picture begins below the screen.
            page.get_by_role("button", name="Draw", exact=True).click()
            page.locator("#drawn button").first.focus()
            page.evaluate("document.getElementById('state').textContent = ''")
            page.locator("#clear-pad").click()
            done(page)
            page.evaluate("scrollTo(0, 0)")
            page.evaluate("document.querySelector('#fired button').click()")
        else:
            chosen = page.locator("#fired button").nth(20)
            chosen.tap()
            over = "(button) => { const { x, y } = button.getBoundingClientRect(); return button.contains(document.elementFromPoint(x + 9, y + 9)); }"
            assert chosen.evaluate(over), "the picture does not cover what was chosen"
        assert page.evaluate(in_sight, "canvas") > 0.99
        page.locator("#canvas").click(position={"x": 40, "y": 40})
        assert page.evaluate(in_sight, "place-words") > 0.99
        # Beside the pad, what fires at a place and all of the picture are too long for one screen.
        assert page.evaluate(in_sight, "canvas") > (0.7 if width == 1440 else 0.95)
        assert page.complaints == []


def test_colours_of_the_reader_show_what_is_chosen(open_page):
    page = open_page(LIVE, forced_colors="active")
    done(page)
    page.locator("#fired button").first.click()
    page.mouse.move(0, 0)
    colours = (
        "(one, part) => { const style = getComputedStyle(one, part); return [style.backgroundColor, style.color]; }"
    )
    chosen = [
        page.locator(one) for one in ("#fired button", "#drawn button", "fieldset label:has([name=layer]:checked)")
    ]
    plain = page.locator("#fired button").nth(1).evaluate(colours)
    for one in (chosen[0].first, chosen[1].first, chosen[2]):
        background, text = one.evaluate(colours)
        assert background != text and background != plain[0]
    small = page.locator("#fired small").first.evaluate(colours)
    assert small[1] == chosen[0].first.evaluate(colours)[1]
    for bar in page.locator("#fired .share").all()[:2]:
        background, text = bar.evaluate(colours, "::after")
        assert background == text


@contextmanager
def served(site: Path, policy: str | None) -> Iterator[str]:
    """The address of a plain server of a site, which sends a policy if one is given."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self):
            if policy:
                self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


REFUSED = """() => new Promise((resolve) => {
  globalThis.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective));
  fetch("https://example.org/", { method: "POST", body: "a picture" }).then(() => resolve("sent"), () => setTimeout(resolve, 2000, "allowed"));
})"""
FORM = """() => new Promise((resolve) => {
  addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective));
  const form = Object.assign(document.createElement("form"), { action: "https://example.org/", method: "post" });
  document.body.append(form);
  form.submit();
  setTimeout(resolve, 2000, "sent");
})"""


def test_policy_forbids_page_and_worker_to_send_anything(browser, site):
    with served(site, None) as host:
        for base in (site.as_uri(), host):
            page = browser.new_page()
            page.goto(f"{base}/{LIVE}")
            done(page)
            (worker,) = page.workers
            assert [one.evaluate(REFUSED) for one in (page, worker)] == ["connect-src"] * 2, base
            assert page.evaluate(FORM) == "form-action"
            page.close()


def test_page_computes_where_a_server_allows_less(browser, site):
    with served(site, "default-src 'self'") as host:
        page = browser.new_page()
        page.goto(f"{host}/{LIVE}")
        done(page)
        expect(page.locator("#state")).to_contain_text("JavaScript")
        assert [worker.url for worker in page.workers] == [f"{host}/assets/live-worker.js"]
        page.close()


GIVE = """([event, name, type, text]) => {
  const data = new DataTransfer(), bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  if (name) data.items.add(new File([bytes], name, { type }));
  else data.setData("text/plain", "words");
  const how = { bubbles: true, cancelable: true };
  const made = event === "paste" ? new ClipboardEvent(event, { ...how, clipboardData: data }) : new DragEvent(event, { ...how, dataTransfer: data });
  document.body.dispatchEvent(made);
}"""
CORNERS = """(canvas) => {
  const { width, height } = canvas, copy = Object.assign(document.createElement("canvas"), { width, height });
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const at = (x, y) => [...context.getImageData(Math.floor(x * width), Math.floor(y * height), 1, 1).data].slice(0, 3);
  return [at(0.2, 0.2), at(0.8, 0.2), at(0.2, 0.8), at(0.8, 0.8)];
}"""
RED, BLUE, GREY = (255, 0, 0), (0, 0, 255), (128, 128, 128)


def halves(width: int, height: int) -> Image.Image:
    """Red at the left and blue at the right, so that its corners tell what was done to it."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def shows(page, corners, size: tuple[int, int] | None = None) -> None:
    """Waits until the picture has such colours near its corners, row by row, and such a size, and all layers are there."""
    canvas = page.locator("#canvas")
    if size:
        expect(canvas).to_have_js_property("width", size[0], timeout=60_000)
        expect(canvas).to_have_js_property("height", size[1])
    for _ in range(300):
        found = canvas.evaluate(CORNERS)
        if np.abs(np.array(found) - corners).max() <= 3:
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError(f"{found} in place of {corners}")
    done(page)


def test_picture_is_dropped_or_pasted(open_page):
    page = open_page(LIVE)
    done(page)
    notice = page.locator("#notice")
    for event, picture in (("drop", halves(200, 100)), ("paste", halves(100, 200))):
        data = base64.b64encode(encoded(picture)).decode()
        page.evaluate(GIVE, ["dragover", "halves.png", "image/png", data])
        expect(page.locator("body")).to_have_class(re.compile("dropping"))
        page.evaluate(GIVE, [event, "halves.png", "image/png", data])
        shows(page, [RED, BLUE, RED, BLUE], (3 * picture.width, 3 * picture.height))
        expect(notice).to_be_hidden()
        page.evaluate(GIVE, ["drop", "halves.png", "image/png", data])
    expect(page.locator("body")).not_to_have_class(re.compile("dropping"))
    for event, said in (("drop", "What was dropped is no file"), ("paste", "What was pasted is no picture")):
        page.evaluate(GIVE, [event, "", "", ""])
        expect(notice).to_contain_text(said)
        page.evaluate(GIVE, [event, "words.txt", "text/plain", base64.b64encode(b"words").decode()])
        expect(notice).to_have_text("The browser cannot read this file as a picture.")
    assert page.complaints == []


def test_files_that_are_no_pictures_and_tiny_ones(open_page):
    page = open_page(LIVE)
    done(page)
    notice = page.locator("#notice")
    take(page, "empty.png", b"")
    expect(notice).to_have_text("This file is empty.")
    for name, data in (("text.png", b"no picture"), ("cut.jpg", encoded(halves(600, 300), "JPEG")[:900])):
        take(page, name, data)
        expect(notice).to_have_text("The browser cannot read this file as a picture.")
    for size in ((5, 3), (1, 1)):
        take(page, "tiny.png", encoded(Image.new("RGB", size, RED)))
        expect(notice).to_have_text(f"This picture has only {size[0]} × {size[1]} pixels, and was enlarged.")
        shows(page, [RED] * 4)
    take(page, "narrow.png", encoded(Image.new("RGB", (2, 900), BLUE)))
    expect(notice).to_have_text("This picture is so narrow that it was stretched to 8 pixels.")
    shows(page, [BLUE] * 4, (24, 672))
    page.get_by_role("button", name="scene").or_(page.locator("#drawn button")).first.click()
    expect(notice).to_be_hidden()
    done(page)
    assert page.complaints == []


def test_odd_pictures_look_as_they_should(open_page):
    page = open_page(LIVE)
    done(page)
    for orientation, corners in ((3, [BLUE, RED] * 2), (6, [RED, RED, BLUE, BLUE]), (8, [BLUE, BLUE, RED, RED])):
        size = (600, 300) if orientation == 3 else (300, 600)
        take(page, "turned.jpg", encoded(halves(200, 100), "JPEG", quality=95, exif=turned(orientation)), "image/jpeg")
        shows(page, corners, size)
    take(page, "print.jpg", encoded(Image.new("CMYK", (96, 64), (0, 200, 200, 0)), "JPEG", quality=95), "image/jpeg")
    shows(page, [(255, 55, 55)] * 4, (7 * 96, 7 * 64))
    expect(page.locator("#notice")).to_be_hidden()
    clear = halves(80, 70).convert("RGBA")
    clear.paste((255, 0, 0, 0), (0, 0, 40, 70))
    take(page, "clear.png", encoded(clear))
    shows(page, [GREY, BLUE, GREY, BLUE], (640, 560))
    take(page, "deep.png", encoded(Image.fromarray(np.full((70, 80), 128 * 257, np.uint16))))
    shows(page, [GREY] * 4, (640, 560))
    take(page, "still.gif", encoded(Image.new("RGB", (90, 80), BLUE), "GIF"), "image/gif")
    shows(page, [BLUE] * 4, (630, 560))
    expect(page.locator("#notice")).to_be_hidden()
    for form in ("GIF", "PNG", "WEBP"):
        frames = [halves(90, 90), Image.new("RGB", (90, 90), BLUE)]
        options = {"lossless": True} if form == "WEBP" else {}
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=50, **options)
        take(page, f"moving.{form}", data, f"image/{form.lower()}")
        shows(page, [RED, BLUE, RED, BLUE], (630, 630))
        expect(page.locator("#notice")).to_have_text("Of this animation the first picture is used.")
    assert page.complaints == []


@pytest.mark.slow
def test_hundred_megapixels_are_scaled_while_they_are_decoded(open_page):
    page = open_page(LIVE)
    done(page)
    page.evaluate(
        """() => {
      globalThis.decoded = [];
      const decode = createImageBitmap;
      globalThis.createImageBitmap = async (...given) => {
        const made = await decode(...given);
        decoded.push([made.width, made.height]);
        return made;
      };
    }"""
    )
    wide = halves(12_500, 7_500)
    for form, options in (
        ("PNG", {}),
        ("JPEG", {"quality": 95, "exif": turned(6)}),
        ("WEBP", {"quality": 50, "method": 0}),
    ):
        data = encoded(wide, form, **options)
        assert len(data) < 3e6, "its size in bytes does not give it away"
        take(page, f"large.{form}", data, f"image/{form.lower()}")
        is_turned = form == "JPEG"
        size = (402, 672) if is_turned else (672, 402)
        shows(page, [RED, RED, BLUE, BLUE] if is_turned else [RED, BLUE, RED, BLUE], size)
        expect(page.locator("#notice")).to_have_text("This picture was scaled down while it was decoded.")
    assert all(640 in size and max(size) < 1100 for size in page.evaluate("decoded"))
    # 1,600 megapixels in 1.6 MB: no browser decodes that.
    take(page, "huge.png", encoded(Image.new("1", (40_000, 40_000))))
    expect(page.locator("#notice")).to_contain_text("It may be too large", timeout=120_000)
    assert page.complaints == []


def test_card_of_a_neuron_is_shown_on_hover(open_page):
    page = open_page(LIVE)
    done(page)
    link = page.locator("#fired a").nth(1)
    link.hover()
    expect(page.locator("#hover-card")).to_be_visible()
    expect(page.locator("#hover-card")).to_contain_text(link.get_attribute("aria-label").removeprefix("Page of "))


@pytest.mark.parametrize("by_finger", [False, True])
def test_what_is_drawn_is_computed(open_page, by_finger):
    page = open_page(LIVE, 390, 844, has_touch=by_finger, is_mobile=by_finger)
    done(page)
    page.get_by_role("button", name="Draw", exact=True).click()
    shows(page, [(216, 216, 216)] * 4)
    page.locator("#pad-part label", has_text="red").click()
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * 0.2) for x in (0.1, 0.3, 0.5, 0.7, 0.9)]
    if by_finger:
        session = page.context.new_cdp_session(page)
        for kind, place in (("touchStart", places[0]), *(("touchMove", place) for place in places[1:])):
            touch = {"x": place[0], "y": place[1]}
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [touch]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    else:
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()
    shows(page, [(208, 52, 44)] * 2 + [(216, 216, 216)] * 2)
    page.locator("#clear-pad").click()
    shows(page, [(216, 216, 216)] * 4)
    assert page.complaints == []


def test_stimulus_is_as_its_sliders_say(open_page):
    page = open_page(LIVE)
    done(page)
    page.get_by_role("button", name="Stimulus").click()
    expect(page.locator("#pad")).to_be_hidden()
    page.locator("#kind").select_option("edge")
    light, dark = (238,) * 3, (18,) * 3
    for angle, corners in (
        ("0", [light, light, dark, dark]),
        ("90", [light, dark] * 2),
        ("180", [dark, dark, light, light]),
    ):
        page.locator("#orientation").fill(angle)
        expect(page.locator("output[for=orientation]")).to_have_text(f"{angle}°")
        shows(page, corners)
    # The upper side of 180° is the dark one; bent so that all corners are outside, they are of one kind.
    page.locator("#curvature").fill("0.03")
    shows(page, [dark] * 4)
    page.locator("#coloured").check()
    page.locator("#hue").fill("180")
    shows(page, [(228, 78, 78)] * 4)
    assert page.complaints == []


def test_browser_without_a_camera(open_page):
    page = open_page(LIVE)
    done(page)
    page.get_by_role("button", name="Camera").click()
    expect(page.locator("#notice")).to_contain_text(re.compile("no camera|not allowed|cannot be used"))
    assert page.complaints == []


def with_camera(site: Path, look: Callable) -> None:
    """Look at a page whose browser has a camera: one that is not there, but moves. `streams` on it are those it was given."""
    from playwright.sync_api import sync_playwright

    flags = [*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    failed = []

    def run() -> None:
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
                page = browser.new_page()
                page.add_init_script(STREAMS)
                page.goto(site.joinpath(LIVE).as_uri())
                done(page)
                look(page)
                browser.close()
        except BaseException as error:
            failed.append(error)

    # The one browser of all tests has no camera, and a second one cannot be started in the same thread's loop.
    thread = threading.Thread(target=run)
    thread.start()
    thread.join(90)
    assert not thread.is_alive()
    if failed:
        raise failed[0]


STREAMS = """if (navigator.mediaDevices) {
  globalThis.streams = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (...given) => {
    const stream = await ask(...given);
    streams.push(stream);
    return stream;
  };
}"""
FILMING = "streams.flatMap((one) => one.getTracks()).filter(({ readyState }) => readyState === 'live').length"


def films(page) -> None:
    """Waits until one camera is on."""
    for _ in range(100):
        if page.evaluate(FILMING) == 1:
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.evaluate(FILMING))


PRESS = "(times) => { for (let time = 0; time < times; time++) document.getElementById('camera').click(); }"


def test_camera_shows_frames_until_it_is_stopped(site):
    def look(page):
        camera = page.locator("#camera")
        camera.click()
        expect(camera).to_have_text("Stop the camera")
        expect(page.locator("#canvas")).to_have_js_property("width", 640)
        expect(camera).to_have_attribute("aria-pressed", "true")
        films(page)
        camera.click()
        expect(camera).to_have_text("Camera")
        expect(camera).to_have_attribute("aria-pressed", "false")
        assert page.evaluate(FILMING) == 0

    with_camera(site, look)


def test_camera_that_is_started_and_stopped_at_once_never_films_unseen(site):
    def look(page):
        camera, notice = page.locator("#camera"), page.locator("#notice")
        for presses in (2, 3, 4, 5):
            page.evaluate(PRESS, presses)
            if presses % 2:
                films(page)
                expect(camera).to_have_text("Stop the camera")
                camera.click()
            page.wait_for_timeout(500)
            expect(camera).to_have_text("Camera")
            assert page.evaluate(FILMING) == 0
            expect(notice).to_be_hidden()
        camera.click()
        films(page)
        page.evaluate(
            "() => { const [track] = streams.at(-1).getTracks(); track.stop(); track.dispatchEvent(new Event('ended')); }"
        )
        expect(notice).to_have_text("The camera has gone.")
        expect(camera).to_have_text("Camera")

    with_camera(site, look)


DRAWN = """async () => {
  const { prototype } = CanvasRenderingContext2D, draw = prototype.drawImage, seen = new Set();
  let last = null;
  prototype.drawImage = function (image, ...others) {
    if (this.canvas.id === "canvas") last = image.width;
    draw.call(this, image, ...others);
  };
  for (let frame = 0; frame < 120; frame++) {
    await new Promise(requestAnimationFrame);
    if (last !== null) seen.add(last);
  }
  prototype.drawImage = draw;
  return [...seen];
}"""
"""Widths of what was drawn last on the canvas, whenever the screen showed it."""


def test_neurons_are_chosen_and_their_maps_stay_while_the_camera_runs(site):
    def look(page):
        page.locator("#camera").click()
        expect(page.locator("#canvas")).to_have_js_property("width", 640)
        page.wait_for_timeout(500)
        for place in range(10):
            before = page.evaluate("location.hash")
            x, y = page.evaluate(
                "(at) => { const { x, y } = document.querySelectorAll('#fired button')[at].getBoundingClientRect(); return [x, y]; }",
                place % 4,
            )
            page.mouse.move(x + 30, y + 15)
            page.mouse.down()
            page.wait_for_timeout(60 + 40 * place)
            page.mouse.up()
            assert page.evaluate("location.hash") != before, "what was pressed is there until it is let go"
        page.evaluate("location.hash = 'neuron=mixed3b:10'")
        expect(page.locator("#map-words")).to_contain_text("mixed3b:10 fires")
        assert page.evaluate(DRAWN) == [128 // 8 + 2], "no frame without the map"
        link = page.locator("#fired a").nth(2)
        link.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        held = link.get_attribute("href")
        page.wait_for_timeout(1500)
        assert page.evaluate("document.activeElement.getAttribute('href')") == held

    with_camera(site, look)


CAMERA = """(name) => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
}"""


@pytest.mark.parametrize(
    "error, said",
    [
        ("NotAllowedError", "The camera was not allowed."),
        ("NotFoundError", "There is no camera."),
        ("NotReadableError", "perhaps something else is using it"),
    ],
)
def test_camera_that_is_refused_or_not_there(open_page, error, said):
    page = open_page(LIVE)
    done(page)
    page.evaluate(CAMERA, error)
    page.get_by_role("button", name="Camera").click()
    expect(page.locator("#notice")).to_contain_text(said)
    expect(page.locator("#camera")).to_have_text("Camera")
    expect(page.locator("#camera")).to_have_attribute("aria-pressed", "false")
    take(page, "halves.png", encoded(halves(200, 100)))
    shows(page, [RED, BLUE, RED, BLUE], (600, 300))
    expect(page.locator("#notice")).to_be_hidden()
    assert page.complaints == []


def test_no_worker_is_told_for_every_picture(open_page, site):
    page = open_page(NEURON)
    page.add_init_script("delete globalThis.Worker")
    page.goto(site.joinpath(LIVE).as_uri())
    notice = page.locator("#notice")
    expect(notice).to_contain_text("does not let the page compute")
    take(page, "halves.png", encoded(halves(200, 100)))
    expect(page.locator("#canvas")).to_have_js_property("width", 600)
    expect(notice).to_contain_text("does not let the page compute")
    assert page.complaints == []


def test_too_little_memory_is_told_and_the_page_goes_on(open_page):
    page = open_page(LIVE)
    done(page)
    said = page.evaluate(
        """async () => {
      const said = [], small = { width: 8, height: 8, pixels: new Uint8ClampedArray(256) };
      // No machine has the memory for this: 48 GB.
      const large = { width: 2 ** 16, height: 2 ** 16, pixels: small.pixels };
      await new Promise((resolve) => {
        const runner = earlyVision.liveNetwork(earlyVisionNetwork, {
          failed: ({ id, message }) => said.push([id, message]),
          done: ({ id }) => resolve(said.push([id, "done"])),
        });
        runner.run(large);
        runner.run(small);
      });
      return said;
    }"""
    )
    assert said == [[0, "There is not enough memory for this picture."], [1, "done"]]


TOO_LARGE = """const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message) {
  const side = globalThis.tooLarge && message.picture ? { width: 2 ** 16, height: 2 ** 16 } : {};
  post.call(this, message.picture ? { picture: { ...message.picture, ...side } } : message);
};"""


def test_what_an_earlier_picture_did_is_not_said_of_one_that_failed(open_page, site):
    page = open_page(NEURON)
    page.add_init_script(TOO_LARGE)
    page.goto(f"{site.joinpath(LIVE).as_uri()}#neuron=mixed3b:10")
    done(page)
    page.evaluate("tooLarge = true")
    take(page, "halves.png", encoded(halves(200, 100)))
    expect(page.locator("#notice")).to_have_text("There is not enough memory for this picture.")
    for lists in ("#fired li", "#groups li"):
        expect(page.locator(lists)).to_have_count(0)
    expect(page.locator("#map-words")).to_have_text("")
    page.evaluate("tooLarge = false; document.getElementById('state').textContent = ''")
    page.locator("#drawn button").first.click()
    done(page)
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator("#map-words")).to_contain_text("mixed3b:10 fires")
    assert page.locator("#fired li").count() == 24
    assert page.complaints == []


def test_page_answers_while_it_computes(open_page):
    """The page's own thread is hardly ever busy for long; benchmarks/live.py measures how long real input waits."""
    page = open_page(LIVE)
    done(page)
    page.evaluate(
        """() => {
      const channel = new MessageChannel();
      let last = performance.now();
      globalThis.longest = 0;
      channel.port1.onmessage = () => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
        channel.port2.postMessage(null);
      };
      channel.port2.postMessage(null);
    }"""
    )
    gaps = []
    forget = "document.getElementById('state').textContent = ''"
    page.evaluate(forget)
    page.locator("#side").select_option("320")
    done(page)
    for index in range(4):
        page.evaluate(forget)
        page.locator("#drawn button").nth(index % 3).click()
        page.evaluate("longest = 0")
        done(page)
        took = int(re.search(r"in (\d+) ms", page.locator("#state").text_content())[1])
        gaps.append(page.evaluate("longest") / took)
    assert min(gaps) < 0.5, "as shares of what each picture took"
