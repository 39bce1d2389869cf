"""What a reader's browser has to do for the pages: bytes, requests, elements, layout shift, paint, and keystrokes.

    python benchmarks/page.py [--site site] [--article early-vision-tiny] [--runs N]

Serves the built site over loopback, compressed as hosts of static pages do, and opens it in Chromium without a cache.
Layout shift and paint are measured with the processor slowed down four times, keystrokes at full speed. Lighthouse runs
too where it is on the path. Prints the table of benchmarks/README.md.
"""

import argparse
import gzip
import http.server
import json
import shutil
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SLOWDOWN = 4
SCREEN = {"width": 1366, "height": 768}
PICTURES = (".webp", ".avif", ".png", ".jpg", ".svg")
COMPRESSED = frozenset((".html", ".css", ".js", ".json", ".svg", ".csv", ".xml"))
QUERIES = ("vertical curves", "inhibited by colour", "mixed3a:79", "red", "group:curves")
"""Typed letter by letter and taken back again, so that all neurons come and go several times."""
PAUSE_MS = 120
PAGES = {"article": "index.html", "neuron's page": "neurons/mixed3a/79.html", "browser": "neurons/index.html"}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")

OBSERVE = """
globalThis.measured = { shift: 0, paint: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) measured.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) measured.paint = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""
IN_VIEW = """[...document.querySelectorAll("img, image")]
  .filter((one) => one.getClientRects().length)
  .filter((one) => {
    const box = one.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  })
  .map((one) => one.currentSrc ?? new URL(one.href.baseVal, location).href)"""
SCROLL = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}"""
TIME_KEYS = """() => {
  const field = document.getElementById("query");
  globalThis.keys = { script: [], drawn: [] };
  let began;
  field.addEventListener("input", () => (began = performance.now()), { capture: true });
  addEventListener("input", () => {
    keys.script.push(performance.now() - began);
    const of = began;
    // A message that is posted in a frame comes after that frame was drawn.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => keys.drawn.push(performance.now() - of);
      channel.port2.postMessage(null);
    });
  });
}"""


@dataclass
class Traffic:
    """What went over the network for a page: bytes as sent, and requests."""

    sizes: dict[str, float] = field(default_factory=dict)

    @property
    def bytes(self) -> float:
        return sum(self.sizes.values())

    @property
    def requests(self) -> int:
        return len(self.sizes)


class Compressing(http.server.SimpleHTTPRequestHandler):
    """A host of static pages, which sends text compressed, and with each file a content security policy if it has one."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args, policy: str = "", **others):
        self.policy = policy
        super().__init__(*args, **others)

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        data, packed = path.read_bytes(), path.suffix in COMPRESSED
        data = gzip.compress(data, 6, mtime=0) if packed else data
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(data)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


@contextmanager
def served(site: Path, policy: str = "") -> Iterator[str]:
    """The address at which a site is served, with a content security policy if one is given."""
    handler = partial(Compressing, directory=str(site), policy=policy)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@contextmanager
def opened(browser: Browser, address: str, slowdown: int = 1) -> Iterator[tuple[Page, Traffic]]:
    """A page in a browser that has nothing in its cache, once all that it loads by itself is there."""
    context = browser.new_context(viewport=SCREEN)
    page, traffic, urls = context.new_page(), Traffic(), {}
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    if slowdown > 1:
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    session.on("Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]}))

    def finished(event: Mapping):
        traffic.sizes[urls[event["requestId"]]] = event["encodedDataLength"]

    session.on("Network.loadingFinished", finished)
    page.add_init_script(OBSERVE)
    page.goto(address, wait_until="networkidle")
    try:
        yield page, traffic
    finally:
        context.close()


def weigh(browser: Browser, address: str) -> tuple[Traffic, Traffic, Traffic, int]:
    """What a page's first screen is made of, what loads before anybody scrolls, everything, and the number of elements.

    The first screen is made of everything but pictures, and of those that are in view.
    """
    with opened(browser, address) as (page, traffic):
        seen = set(page.evaluate(IN_VIEW))
        first = {url: size for url, size in traffic.sizes.items() if url in seen or not url.endswith(PICTURES)}
        loaded = Traffic(dict(traffic.sizes))
        page.evaluate(SCROLL)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        return Traffic(first), loaded, traffic, page.locator("*").count()


def settle(browser: Browser, address: str) -> tuple[float, float]:
    """Layout shift, also while scrolling to the end, and milliseconds to the largest contentful paint, slowed down."""
    with opened(browser, address, SLOWDOWN) as (page, _):
        paint = page.evaluate("measured.paint")
        page.evaluate(SCROLL)
        return page.evaluate("measured.shift"), paint


def type_queries(browser: Browser, address: str) -> dict[str, list[float]]:
    """Milliseconds that each keystroke in the neuron browser took: its script, and until what it changed was drawn."""
    with opened(browser, address) as (page, _):
        page.evaluate(TIME_KEYS)
        page.locator("#query").focus()
        for query in QUERIES:
            for key in (*query, *["Backspace"] * len(query)):
                page.keyboard.press(key)
                page.wait_for_timeout(PAUSE_MS)
        return page.evaluate("keys")


def lighthouse(address: str) -> dict[str, float]:
    """Lighthouse's scores, of 100, by category; empty where it is not installed."""
    command = shutil.which("lighthouse")
    if not command:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [command, address, "--quiet", "--output=json", f"--output-path={report}", f"--chrome-path={CHROMIUM}",
             "--chrome-flags=--headless=new --no-sandbox", f"--only-categories={','.join(CATEGORIES)}"],
            check=True, capture_output=True,
        )  # fmt: skip
        scores = json.loads(report.read_text("utf-8"))["categories"]
    return {category: 100 * scores[category]["score"] for category in CATEGORIES}


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def told(traffic: Traffic) -> str:
    return f"{traffic.bytes / 1000:,.0f} KB, {traffic.requests} requests"


def row(what: str, target: str, measured: str) -> None:
    print(f"| {what} | {target} | {measured} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, default=Path(__file__).resolve().parent.parent / "site")
    parser.add_argument("--article", default="early-vision-tiny", help="folder of the article in the site")
    parser.add_argument("--runs", type=int, default=5, help="of what varies; the median counts")
    options = parser.parse_args()
    if CHROMIUM is None or not (options.site / options.article / "index.html").is_file():
        parser.error("needs Chromium, and a site: python build.py build")
    print("| what | target | measured |\n|---|---|---|")
    with served(options.site) as host, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        report(browser, f"{host}/{options.article}", options.runs)
        browser.close()


def report(browser: Browser, article: str, runs: int) -> None:
    """Prints the table."""
    first, loaded, whole, elements = weigh(browser, f"{article}/index.html")
    row("article: bytes until the first screen is complete", "under 300 KB", told(first))
    row("article: loaded before anybody scrolls", "", told(loaded))
    row("article scrolled to the end", "under 4 MB, under 60 requests", told(whole))
    row("article: elements", "under 6,000", f"{elements:,}")
    for name, path in PAGES.items():
        settled = [settle(browser, f"{article}/{path}") for _ in range(runs)]
        shift, paint = (statistics.median(values) for values in zip(*settled, strict=False))
        what = f"{name}: layout shift, largest contentful paint ({SLOWDOWN}x slowdown, loopback)"
        row(what, "under 0.02, under 1.5 s", f"{shift:.3f}, {paint / 1000:.2f} s")
    first, _, whole, _ = weigh(browser, f"{article}/neurons/index.html")
    row("browser: first screen; scrolled to the end", "", f"{told(first)}; {told(whole)}")
    keys = type_queries(browser, f"{article}/neurons/index.html")
    for name, values in (("script", keys["script"]), ("until drawn", keys["drawn"])):
        measured = f"median {statistics.median(values):.0f} ms, 95th percentile {percentile(values, 0.95):.0f} ms"
        row(f"browser: a keystroke, {name} ({len(values)} keystrokes)", "under 50 ms", measured)
    scores = lighthouse(f"{article}/index.html")
    for category, score in scores.items():
        row(f"Lighthouse: {category}", "95 or more" if category == "performance" else "100", f"{score:.0f}")
    if not scores:
        row("Lighthouse", "95, 100, 100, 100", "not on the path")


if __name__ == "__main__":
    main()
