"""Commands for authors: serving a site while they write, checking articles, beginning one."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import click

from early_vision.errors import InputError
from early_vision.places import command, project_folder

ROOT = project_folder()
OUT = ROOT / "site"

articles_argument = click.argument("articles", nargs=-1, type=click.Path(path_type=Path))
out_option = click.option("--out", type=click.Path(path_type=Path), default=OUT, help="Where the site goes (site/).")
allow_option = click.option(
    "--allow-warnings", is_flag=True, help="Only errors count, and no warnings, such as unused bibliography entries."
)


@click.command("serve")
@articles_argument
@out_option
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Or the next free one.")
def serve_command(articles: tuple[Path, ...], out: Path, port: int) -> None:
    """Build the site, show it on this machine, and bring it up to date while you write.

    Pages in browsers follow every saved file by themselves. What is wrong appears here and on the page, with its line,
    and goes when it is mended; the last good page stays. Ctrl-C ends it.
    """
    from early_vision.project import Project
    from early_vision.site.server import News, Server, listen_on
    from early_vision.site.serving import Session, serve

    project, news = Project(ROOT), News()
    session = Session(project, lambda: project.folders(articles), out, news, click.echo, whole=not articles)
    try:
        server = listen_on(port, lambda one: Server(one, out, project.assets / "serve", news))
    except OSError as error:
        raise InputError(f"no port from {port} on is free", hint="Give another one with --port") from error
    if server.server_port != port:
        click.echo(f"port {port} is in use")
    click.echo(f"{server.address} shows the site and follows every change; Ctrl-C ends it")
    click.echo("building everything once; from then on only what changes")
    try:
        serve(session, server, threading.Event())
    except KeyboardInterrupt:
        click.echo("ended")


@click.command("check")
@articles_argument
@click.option("--external", is_flag=True, help="Ask other hosts, too, whether what the articles link to is there.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(("text", "json", "github")),
    default="text",
    show_default=True,
    help="For people, for editors, or as annotations of a GitHub workflow.",
)
@allow_option
def check_command(articles: tuple[Path, ...], external: bool, kind: str, allow_warnings: bool) -> None:
    """List everything that is wrong with the given articles, or with all in content/. Writes no site.

    Front matter, directives and their spelling, neuron groups, links and anchors, citations, claims, headings, alt
    texts, ids, the HTML, unused bibliography entries and pictures.

    Exit status: 0 where there is nothing; 1 for any error or warning (with --allow-warnings, for any error); 2 where
    nothing could be checked, as for an unknown option or a folder without articles.
    """
    from early_vision.project import Project
    from early_vision.site.problems import find_problems, report, tally

    project = Project(ROOT)
    folders = project.folders(articles) if articles else project.articles()
    for folder in folders:
        if not (folder / "article.md").is_file():
            raise InputError("there is no article.md here", file=folder, hint="Name the folder of an article")
    problems, notes = find_problems(folders, project, external)
    for line in report(problems, kind, Path.cwd()):
        click.echo(line)
    if kind == "text":
        for line in report(notes, kind, Path.cwd()):
            click.echo(f"note: {line}", err=True)
        click.echo(tally(problems, len(folders)), err=True)
    if any(not allow_warnings or problem.severity == "error" for problem in problems):
        sys.exit(1)


@click.command("new")
@click.argument("article", type=click.Path(path_type=Path))
@click.option("--network", "name", default=None, help="The network that it is about, by name (inceptionv1-tiny).")
@click.option("--title", default=None, help="Its title (from the folder's name).")
def new_command(article: Path, name: str | None, title: str | None) -> None:
    """Begin an ARTICLE: a folder that builds at once, with a section for each layer and neuron groups as proposed.

    ARTICLE is a folder's name in content/, or the path of a folder that there is not yet.
    """
    from early_vision.network.known import EMBEDDED, find_network
    from early_vision.project import Project
    from early_vision.site.new_article import write_new_article

    project = Project(ROOT)
    folder = project.content / article if len(article.parts) == 1 else article
    network = find_network(name or EMBEDDED, project.assets)
    written = write_new_article(folder, network, project.loaders.tuning(network), project.templates, title)
    for path in written:
        click.echo(f"wrote {_relative(path)}")
    click.echo(f"Now run: {command()} serve {_relative(folder)}")


COMMANDS: Sequence[click.Command] = (serve_command, check_command, new_command)


def _relative(path: Path) -> Path:
    return path.resolve().relative_to(Path.cwd()) if path.resolve().is_relative_to(Path.cwd()) else path
