"""Building while an author writes: whatever changes is built at once, and pages in browsers are told."""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from watchfiles import watch

from early_vision.article.bibliography import SHARED
from early_vision.cache import Cache
from early_vision.errors import InputError, Problem
from early_vision.memory import Memory
from early_vision.project import CACHE, Project
from early_vision.site.build import Built, Site, make_site, write
from early_vision.site.checking import check_html
from early_vision.site.server import News, Server
from early_vision.site.writing import check_out

Echo = Callable[[str], None]
SETTLED_MS = 30
"""An editor's several steps of saving a file count as one when no more than this lies between them."""
SETTLED_BY_MS, POLLED_MS = 400, 200


class Session:
    """Builds the site of some articles again and again, and tells what came of it.

    Args:
        project: whose articles they are.
        folders: of the articles; asked for anew at every build.
        out: where the site goes.
        news: told of every build.
        echo: prints a line in the terminal.
        whole: whether the articles are all that there are.
    """

    def __init__(
        self,
        project: Project,
        folders: Callable[[], Sequence[Path]],
        out: Path,
        news: News,
        echo: Echo,
        whole: bool = False,
    ):
        self.project, self.folders, self.out, self.news, self.echo = project, folders, out, news, echo
        self.whole = whole
        self.memory, self.builds = Memory(Cache(project.cache / CACHE)), 0
        # Pages of an earlier run of the server are none of this one's.
        self.run = f"{time.time_ns():x}"

    def build(self) -> None:
        """Build once. What is wrong is told; the site then stays as it was."""
        begun = time.perf_counter()
        self.builds += 1
        try:
            site = self._made()
            built = write(site, self.out, self.memory, whole=self.whole)
        except InputError as error:
            self._tell_problems(error.problems)
        except Exception as error:
            self.echo(traceback.format_exc())
            self._tell_problems([Problem(f"the program failed: {error!r}", hint="The terminal says where")])
        else:
            self._tell_built(built, time.perf_counter() - begun)
            # Slower than building, so that it is looked at when the page is there.
            if invalid := check_html(site.files, self.memory):
                self._tell_problems(invalid)
            self.memory.cache.save()

    def _made(self) -> Site:
        one, folders = self.project, self.folders()
        check_out(self.out, folders)
        self.memory.cache.inputs = one.input_hash(self.memory)
        known = one.assets, one.templates, one.loaders, self.memory
        return make_site(folders, *known, thorough=False, without=one.without(folders), waiting=one.waiting())

    def _tell_built(self, built: Built, seconds: float) -> None:
        paths, warnings = built.written.paths, built.warnings
        pages = sum(path.endswith(".html") for path in paths)
        told = f"{pages} page{'s' * (pages != 1)}" if pages else f"{len(paths)} file{'s' * (len(paths) != 1)}"
        self.echo(f"{time.strftime('%H:%M:%S')} built in {seconds:.2f} s: {told} changed")
        for warning in warnings:
            self.echo(f"warning: {short(warning, self.project.root)}")
        # A removed page is no file any more that could be named.
        changed = list(paths) if paths else None if built.written.removed else []
        self._tell(changed, [_told(one, self.project.root) for one in warnings])

    def _tell_problems(self, problems: Iterable[Problem]) -> None:
        problems = list(problems)
        errors = sum(problem.severity == "error" for problem in problems)
        self.echo(f"{time.strftime('%H:%M:%S')} {errors} error{'s' * (errors != 1)}; the last good page stays")
        for problem in problems:
            self.echo(f"{problem.severity}: {short(problem, self.project.root)}")
            for number, text, here in excerpt(problem):
                self.echo(f"  {number:5} {'>' if here else ' '} {text}")
        self._tell([], [_told(one, self.project.root) for one in problems])

    def _tell(self, changed: list[str] | None, problems: list[Mapping]) -> None:
        self.news.tell({"version": f"{self.run}-{self.builds}", "changed": changed, "problems": problems})


def serve(session: Session, server: Server, stop: threading.Event) -> None:
    """Serve, build, and build again whenever a file changes, until Ctrl-C. New program code starts the program anew."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    project, program_changed = session.project, False
    articles = [folder.resolve() for folder in session.folders()]
    folders = [project.content, *project.inputs, *articles, *(folder.parent / SHARED for folder in articles)]
    try:
        begun = False
        # The first thing that comes is nothing: what changes from then on is noticed, while building too.
        for changed in watch(
            *_outermost(folders), watch_filter=_matters, stop_event=stop, step=SETTLED_MS, debounce=SETTLED_BY_MS,
            rust_timeout=POLLED_MS, yield_on_timeout=True,
        ):  # fmt: skip
            if program_changed := any(Path(path).is_relative_to(project.code) for _, path in changed):
                break
            if changed or not begun:
                session.build()
                begun = True
    finally:
        server.shut()
    if program_changed:
        session.echo("the program itself changed: starting anew")
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def short(problem: Problem, root: Path) -> str:
    """A problem in words, with its file's path from the project's folder."""
    return str(problem).replace(f"{root}{os.sep}", "")


def excerpt(problem: Problem, around: int = 1) -> list[tuple[int, str, bool]]:
    """The line of a problem with those around it: (number, text, whether it is the line itself); empty without one."""
    if not problem.file or not problem.line:
        return []
    try:
        lines = Path(problem.file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    first = max(1, problem.line - around)
    shown = enumerate(lines[first - 1 : problem.line + around], first)
    return [(number, text[:200], number == problem.line) for number, text in shown]


def _told(problem: Problem, root: Path) -> Mapping:
    """A problem as pages are told of it."""
    return {
        "severity": problem.severity,
        "message": problem.message,
        "file": str(problem.file).replace(f"{root}{os.sep}", "") if problem.file else None,
        "line": problem.line,
        "hint": problem.hint,
        "excerpt": [{"number": number, "text": text, "here": here} for number, text, here in excerpt(problem)],
    }


def _outermost(folders: Iterable[Path]) -> list[Path]:
    """The folders that there are, without those inside of others."""
    there = {folder.resolve() for folder in folders if folder.exists()}
    return sorted(folder for folder in there if not there & set(folder.parents))


def _matters(change, path: str) -> bool:
    """Whether a file may be part of a site, and is none of Python's or an editor's own."""
    name = os.path.basename(path)
    return "__pycache__" not in path and not name.startswith((".", "#")) and not name.endswith(("~", ".swp", ".tmp"))
