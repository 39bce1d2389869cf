"""How long an author waits: for a full build, for a build with nothing to do, and for an edit to be a page.

    python benchmarks/author.py [--article content/early-vision-tiny] [--edits 20]

Works on a copy of the article. An edit's time is that of building and writing in one process, as `build.py serve` does
from the moment when it notices a change; wall-clock and processor time are both told, since the former says little on a
busy machine.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from early_vision.memory import Memory
from early_vision.project import Project
from early_vision.site.build import make_site, write


def run_build(article: Path, out: Path) -> tuple[float, float, str]:
    """Seconds of wall-clock and processor time of the command, and its first line."""
    begun, before = time.perf_counter(), os.times()
    command = [sys.executable, "build.py", "build", str(article), "--out", str(out), "--allow-warnings"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begun, used, done.stdout.splitlines()[0]


def time_edits(article: Path, out: Path, edits: int) -> list[tuple[float, float, int]]:
    """Wall-clock and processor seconds of each edit, and the pages that it changed."""
    project, memory, text = Project(ROOT), Memory(), article / "article.md"
    whole = text.read_text("utf-8")
    paragraphs = [block for block in whole.split("\n\n") if block[:1].isalpha() and len(block) > 80]

    def build() -> int:
        site = make_site([article], project.assets, project.templates, project.loaders, memory, thorough=False)
        return sum(path.endswith(".html") for path in write(site, out, memory).written.paths)

    build()
    times = []
    for number in range(edits):
        chosen = paragraphs[number * len(paragraphs) // edits]
        text.write_text(whole.replace(chosen, f"{chosen} An added sentence, {number}.", 1), "utf-8")
        begun, used = time.perf_counter(), time.process_time()
        pages = build()
        times.append((time.perf_counter() - begun, time.process_time() - used, pages))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--article", type=Path, default=ROOT / "content" / "early-vision-tiny")
    parser.add_argument("--edits", type=int, default=20)
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as scratch:
        article, out = Path(scratch) / "content" / given.article.name, Path(scratch) / "site"
        shutil.copytree(given.article, article)
        shared = given.article.parent / "bibliography.bib"
        if shared.is_file():
            shutil.copy(shared, article.parent)
        for name in ("from nothing but artifacts", "again, nothing changed"):
            wall, used, said = run_build(article, out)
            print(f"build {name}: {wall:.2f} s, {used:.2f} s of processor time ({said})")
        times = time_edits(article, out, given.edits)
        wall, used = (statistics.median(one[index] for one in times) for index in (0, 1))
        slowest, pages = max(one[0] for one in times), sorted({one[2] for one in times})
        print(f"edit of prose to page, median of {len(times)}: {1000 * wall:.0f} ms, "
              f"{1000 * used:.0f} ms of processor time; slowest {1000 * slowest:.0f} ms; pages changed: {pages}")  # fmt: skip


if __name__ == "__main__":
    main()
