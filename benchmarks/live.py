"""The network live in the page: how long layers take, frames of a camera, the delay of input meanwhile, and memory.

    python benchmarks/live.py [--site site] [--article early-vision-tiny] [--runs N]

Serves the built site over loopback and opens its page in Chromium with a camera that is not there but moves; once as it
comes, with WebAssembly, and once where the server forbids that. Input is typed while the largest pictures are computed one after another. The
rate is held against a matrix product by one thread of NumPy. Prints a table of benchmarks/README.md.
"""

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from page import CHROMIUM, percentile, row, served
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SIDE, CAMERA_SECONDS, KEYS, KEY_EVERY_MS = 224, 6, 60, 40
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--use-fake-device-for-media-stream",
         "--use-fake-ui-for-media-stream"]  # fmt: skip
KINDS = {"WebAssembly": "", "JavaScript": "script-src 'self'"}
"""What computes, and the server's policy that makes the page do so: the second forbids WebAssembly."""
FINISHED_MS = 120_000
WATCH = """() => {
  globalThis.heard = { states: [], delays: [], tasks: [] };
  const state = document.getElementById("state");
  new MutationObserver(() => heard.states.push([performance.now(), state.textContent])).observe(state, { childList: true, characterData: true, subtree: true });
  for (const kind of ["keydown", "keyup", "pointerdown", "pointermove", "click"]) {
    addEventListener(kind, ({ timeStamp, isTrusted }) => isTrusted && heard.delays.push(performance.now() - timeStamp), { capture: true });
  }
  new PerformanceObserver((list) => heard.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask" });
}"""
PRODUCT = """
import time
import numpy as np
side, best = 1024, float("inf")
a = np.random.default_rng(0).random((side, side), np.float32)
for _ in range(20):
    begun = time.perf_counter()
    a @ a
    best = min(best, time.perf_counter() - begun)
print(2 * side**3 / best)
"""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Times:
    """Milliseconds for a picture: the worker's own until each layer and until the end, and from the click to the first."""

    layers: dict[str, float]
    whole: float
    answered: float


def product_rate() -> float:
    """Operations a second of one thread's matrix product."""
    command = [sys.executable, "-c", PRODUCT]
    return float(subprocess.run(command, env={**os.environ, **ONE_THREAD}, capture_output=True, check=True).stdout)


def operations(script: Path, side: int) -> float:
    """Floating-point operations of the convolutions for a square picture, from the script that the page loads."""
    text = script.read_text("utf-8").partition("globalThis.earlyVisionNetwork = ")[2].removesuffix(";\n")
    network = json.loads(text)
    shapes = {one["name"]: one["shape"] for one in network["tensors"]}
    sides, total = {"input": side}, 0.0
    for node in network["nodes"]:
        before = sides[node["inputs"][0]]
        if "stride" in node and node["padding"] != "same":
            raise SystemExit(f"error: {node['name']} is padded in a way that is not counted here")
        sides[node["name"]] = math.ceil(before / node.get("stride", 1))
        if node["op"] == "conv":
            total += 2 * sides[node["name"]] ** 2 * math.prod(shapes[f"{node['name']}_w"])
    return total


def finished(page: Page) -> None:
    expect(page.locator("#state")).to_have_text(re.compile("^All"), timeout=FINISHED_MS)


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
    page.goto(address)
    finished(page)
    page.evaluate(WATCH)
    return page


def compute(page: Page, index: int) -> Times:
    """Choose one of the drawn pictures and wait until all of its layers are there."""
    page.evaluate("heard.states = []; document.getElementById('state').textContent = ''")
    begun = page.evaluate(
        "(index) => { const button = document.querySelectorAll('#drawn button')[index], now = performance.now();"
        " button.click(); return now; }",
        index,
    )
    finished(page)
    states = [(at, text) for at, text in page.evaluate("heard.states") if text]
    layers = {text.split(" after ")[0]: float(text.split()[2]) for _, text in states if " after " in text}
    return Times(layers, float(states[-1][1].split(" in ")[1].split()[0]), states[0][0] - begun)


def type_while_computing(page: Page) -> tuple[list[float], list[float]]:
    """Milliseconds from each input to when the page hears of it, and the long tasks meanwhile, at the largest size."""
    page.locator("#side").select_option("320")
    page.locator("#stage").focus()
    page.evaluate("heard.delays = []; heard.tasks = []")
    pictures = page.locator("#drawn button").count()
    for press in range(KEYS):
        if press % 4 == 0:
            page.evaluate("(at) => document.querySelectorAll('#drawn button')[at].click()", (press // 4) % pictures)
        page.keyboard.press(("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")[press % 4])
        page.wait_for_timeout(KEY_EVERY_MS)
    finished(page)
    return page.evaluate("heard.delays"), page.evaluate("heard.tasks")


def film(page: Page) -> float:
    """Frames of the camera a second."""
    page.get_by_role("button", name="Camera").click()
    page.wait_for_timeout(1500)
    page.evaluate("heard.states = []")
    page.wait_for_timeout(1000 * CAMERA_SECONDS)
    states = page.evaluate("heard.states")
    page.get_by_role("button", name="Stop the camera").click()
    return sum(text.startswith("All") for _, text in states) / CAMERA_SECONDS


def memory(browser: Browser) -> tuple[float, float]:
    """Bytes of the largest page's process: its own and its share of others now, and the most that were resident."""
    session = browser.new_browser_cdp_session()
    found = []
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            folder = Path("/proc") / str(process["id"])
            lines = (folder / "smaps_rollup").read_text() + (folder / "status").read_text()
            sizes = {line.split(":")[0]: line.split()[1] for line in lines.splitlines() if line.endswith("kB")}
            found.append((1024.0 * int(sizes["Pss"]), 1024.0 * int(sizes["VmHWM"])))
    return max(found)


def report(browser: Browser, address: str, kind: str, runs: int, needed: float, rate: float) -> None:
    """Print the rows of one kind of arithmetic."""
    page = opened(browser, address)
    computed = page.locator("#state").get_attribute("data-arithmetic")
    if computed != kind:
        raise SystemExit(f"error: {computed} computed, and not {kind}")
    empty = memory(browser)[0]
    times = [compute(page, run % 3) for run in range(runs)]
    whole = [one.whole for one in times]
    first = next(iter(times[0].layers))
    target = "under 300 ms" if kind == "WebAssembly" else "under 1,500 ms"
    speed = 1000 * needed / min(whole)
    row(
        f"{kind}: all layers of {SIDE} px, median (least) of {runs}",
        target,
        f"{statistics.median(whole):.0f} ms ({min(whole):.0f})",
    )
    row(
        f"{kind}: at its best, against one thread's matrix product",
        "",
        f"{speed / 1e9:.1f} of {rate / 1e9:.0f} GFLOP/s, {speed / rate:.0%}",
    )
    answered = [one.answered for one in times]
    row(
        f"{kind}: {first}, from the click",
        "under 150 ms",
        f"{statistics.median(answered):.0f} ms ({min(answered):.0f})",
    )
    row(f"{kind}: camera of 128 px", "2 frames a second or more", f"{film(page):.1f} frames a second")
    delays, tasks = type_while_computing(page)
    row(f"{kind}: input delay while 320 px are computed, {len(delays)} events", "under 50 ms",
        f"median {statistics.median(delays):.0f} ms, 95th percentile {percentile(delays, 0.95):.0f} ms, highest {max(delays):.0f} ms; {len(tasks)} tasks over 50 ms, longest {max(tasks, default=0):.0f} ms")  # fmt: skip
    now, highest = memory(browser)
    row(f"{kind}: memory of the page's process", "", f"{empty / 1e6:.0f} MB after the first picture, {now / 1e6:.0f} MB after all this, {highest / 1e6:.0f} MB at its highest")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "site")
    parser.add_argument("--article", default="early-vision-tiny", help="folder of the article in the site")
    parser.add_argument("--runs", type=int, default=9, help="pictures of each kind")
    given = parser.parse_args()
    script = given.site / given.article / "data" / "live.js"
    if CHROMIUM is None or not script.is_file():
        parser.error("needs Chromium, and a site whose article's weights are here: python build.py build")
    rate, needed = product_rate(), operations(script, SIDE)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {needed / 1e9:.2f} GFLOP a picture\n")
    print("| what | target | measured |\n|---|---|---|")
    for kind, policy in KINDS.items():
        with served(given.site, policy) as host, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            report(browser, f"{host}/{given.article}/live.html", kind, given.runs, needed, rate)
            browser.close()


if __name__ == "__main__":
    main()
