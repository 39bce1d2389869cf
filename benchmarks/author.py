"""How long an author waits: for a full build, for a build with nothing to do, and for an edit to be a page.

    python benchmarks/author.py [--article content/early-vision-tiny] [--edits 20]
    python benchmarks/author.py --against 9ccd62d

The second compares with another commit, which is checked out into a temporary folder and run by the same Python, by
turns: the article from nothing, again after one more word of prose, `check`, and an edit while the article is served. Each
commit builds its own text of the article. Beside them, where mkdocs is installed (`pip install mkdocs`), it builds as
many pages of the same text.

Works on a copy of the article. An edit's time is that of building and writing in one process, as `build.py serve` does
from the moment when it notices a change; wall-clock and processor time are both told, since the former says little on a
busy machine.
"""

import argparse
import importlib.util
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
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


@dataclass(frozen=True)
class Cost:
    """What a command took, in seconds: of wall-clock time, and of all processors together."""

    wall: float
    cpu: float


def cost(command: Sequence[str | Path], folder: Path) -> Cost:
    """What a command takes that is run in a folder, whose code it uses.

    Raises:
        CalledProcessError: when it fails.
    """
    begun, before = time.perf_counter(), os.times()
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - begun, used)


def check_out(commit: str, folder: Path) -> None:
    """Write the files of a commit into a folder; the repository's own list of worktrees stays as it is."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


SERVED = """
import statistics, sys
from pathlib import Path
sys.path.insert(0, "benchmarks")
from author import time_edits
times = time_edits(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
print(*(statistics.median(one[index] for one in times) for index in (0, 1)))
"""
"""Run in a checkout: the medians of its own edits."""


def build_and_edit(checkout: Path, out: Path, edits: int) -> tuple[Cost, Cost, Cost, Cost]:
    """An article from nothing, again after a word more, checked, and the median of edits while it is served."""
    shutil.rmtree(checkout / ".cache", ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    article = checkout / "content" / "early-vision-tiny"
    command = [sys.executable, "build.py", "build", str(article), "--out", str(out), "--allow-warnings"]
    whole, text = cost(command, checkout), article / "article.md"
    before = text.read_text("utf-8")
    paragraph = next(block for block in before.split("\n\n") if block[:1].isalpha() and len(block) > 80)
    try:
        text.write_text(before.replace(paragraph, f"{paragraph} Really.", 1), "utf-8")
        again = cost(command, checkout)
        checked = cost([sys.executable, "build.py", "check", str(article)], checkout)
        served = [sys.executable, "-c", SERVED, str(article), str(out), str(edits)]
        environment = {**os.environ, "PYTHONPATH": str(checkout)}
        done = subprocess.run(served, cwd=checkout, env=environment, capture_output=True, text=True, check=True)
        return whole, again, checked, Cost(*map(float, done.stdout.split()))
    finally:
        text.write_text(before, "utf-8")


def words_of(page: str) -> str:
    """The text of a page without its tags."""
    return " ".join(unescape(re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)).split())


def build_with_mkdocs(site: Path, folder: Path) -> tuple[Cost, int] | None:
    """What mkdocs takes for as many pages of the same text, and how many these are; None where it is not installed."""
    if importlib.util.find_spec("mkdocs") is None:
        return None
    docs, pages = folder / "docs", sorted(site.rglob("*.html"))
    for path in pages:
        target = (docs / path.relative_to(site)).with_suffix(".md")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"# {path.stem}\n\n{words_of(path.read_text('utf-8'))}\n", "utf-8")
    (folder / "mkdocs.yml").write_text("site_name: As many pages\nplugins: []\n", "utf-8")
    return cost([sys.executable, "-m", "mkdocs", "build", "--quiet"], folder), len(pages)


def compare(commit: str, runs: int, edits: int) -> None:
    """Print what old and new code take, by turns, and their ratios."""
    with tempfile.TemporaryDirectory() as scratch:
        checkouts = {commit: Path(scratch) / "old", "HEAD": Path(scratch) / "new"}
        found: dict[str, list[tuple[Cost, ...]]] = {name: [] for name in checkouts}
        for name, checkout in checkouts.items():
            check_out(name, checkout)
        for _ in range(runs):
            for name, checkout in checkouts.items():
                found[name].append(build_and_edit(checkout, checkout / "site", edits))
        for index, what in enumerate(
            ("from nothing", "again after a word of prose", "check", "an edit while it is served")
        ):
            best = [
                Cost(min(one[index].wall for one in some), min(one[index].cpu for one in some))
                for some in found.values()
            ]
            told = "; ".join(f"{name}: {one.wall:.2f} s, {one.cpu:.2f} s of processor time"
                             for name, one in zip(found, best, strict=True))  # fmt: skip
            print(f"{what}, best of {runs}: {told}")
            print(f"  new to old: {best[1].wall / best[0].wall:.2f} of the time, "
                  f"{best[1].cpu / best[0].cpu:.2f} of the processor time")  # fmt: skip
        folder = Path(scratch) / "mkdocs"
        folder.mkdir()
        if measured := build_with_mkdocs(checkouts["HEAD"] / "site", folder):
            taken, pages = measured
            print(f"mkdocs, {pages} pages of the same text: {taken.wall:.2f} s, {taken.cpu:.2f} s of processor time")
        else:
            print("mkdocs is not installed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--article", type=Path, default=ROOT / "content" / "early-vision-tiny")
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--against", metavar="COMMIT", help="compare HEAD with this commit, by turns")
    parser.add_argument("--runs", type=int, default=3, help="of either, to compare")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    if given.against:
        compare(given.against, given.runs, given.edits)
        return
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
