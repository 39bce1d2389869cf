"""The command line: parses what is asked for, delegates, and turns mendable errors into messages and exit status 2."""

import os
import sys
from functools import partial
from pathlib import Path

import click

from early_vision.cli.circuits import circuits_command
from early_vision.cli.compare import compare_command
from early_vision.cli.examples import examples_command
from early_vision.cli.interventions import interventions_command, photographs_command
from early_vision.cli.site import COMMANDS, allow_option
from early_vision.cli.train import train_command
from early_vision.cli.tuning import explain_command, measure_command, propose_command
from early_vision.cli.weights import weights_command
from early_vision.errors import InputError, Problem, did_you_mean
from early_vision.places import command, project_folder
from early_vision.store import user_cache

ROOT = project_folder()
INTERRUPTED = 130


class Commands(click.Group):
    """Runs a command; what the user can mend is told in a sentence, without a traceback."""

    def main(self, *args, **kwargs):
        # TensorFlow's notes on its build are no message of ours; its errors still come.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except InputError as error:
            for each in error.problems:
                click.echo(f"{each.severity}: {_with_short_path(each)}", err=True)
            if all(each.severity == "warning" for each in error.problems):
                click.echo("The site is left as it was: warnings count, unless --allow-warnings is given.", err=True)
            sys.exit(2)
        except click.ClickException as error:
            error.show()
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)


def _with_short_path(problem: Problem) -> str:
    return str(problem).replace(f"{Path.cwd()}{os.sep}", "").replace("python build.py", command())


@click.group(cls=Commands, invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """From a vision network's weights and an author's markdown to a Distill-style article on its neurons."""
    if context.invoked_subcommand is None:
        context.invoke(build)


@main.command()
@click.argument("articles", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "site", help="Where the site goes (site/).")
@click.option("--with-weights/--without-weights", "with_weights", default=None,
              help="Fetch InceptionV1's weights if need be, and compute what is missing; or show it without them.")  # fmt: skip
@click.option(
    "--base-url", metavar="URL", help="The address that the site will have: canonical links, a site map and a feed."
)
@click.option("--pdf", is_flag=True, help="Print every article to <article>/<article>.pdf, by Chromium.")
@allow_option
def build(
    articles: tuple[Path, ...],
    out: Path,
    with_weights: bool | None = None,
    base_url: str | None = None,
    pdf: bool = False,
    allow_warnings: bool = False,
) -> None:
    """Build the site: of the given articles, as folders or by their names in content/, or of all in content/.

    Does all that `check` does first, but for links to elsewhere. Whatever is wrong is listed, and the site then stays
    as it was (exit status 2). Warnings count as errors unless --allow-warnings is given; that claims cannot be checked
    without weights is told and stops nothing.
    """
    from early_vision.article.article import networks_of
    from early_vision.article.bibliography import SHARED
    from early_vision.cache import Cache
    from early_vision.cli.completing import complete
    from early_vision.memory import Memory
    from early_vision.project import CACHE, Project
    from early_vision.site.build import build_site
    from early_vision.site.freshness import count_if_fresh, input_key, record_of, remember
    from early_vision.site.metadata import checked_base_url
    from early_vision.site.paper import find_browser, print_articles

    browser = find_browser() if pdf else None
    project = Project(ROOT)
    assets, templates, base_url = project.assets, project.templates, checked_base_url(base_url)
    # With weights fetched, no article waits for any.
    default = project.articles if with_weights else partial(project.folders, ())
    folders = tuple(map(_article_folder, articles)) or default()
    without = _settled_weights(folders, assets, with_weights, bool(articles))
    complete(set(networks_of(folders)) - without, assets, user_cache() / "scratch", _say)
    shared = {path for folder in folders if (path := folder.parent / SHARED).is_file()}
    waiting, loaders = project.waiting(), project.loaders
    words = [
        *without,
        *(f"waiting: {title}" for title in waiting.values()),
        f"allow warnings: {allow_warnings}",
        f"base URL: {base_url}",
        f"PDF: {pdf}",
    ]
    key = input_key([*folders, *sorted(shared), *project.inputs], words)
    record = record_of(project.cache, out)
    if (files := count_if_fresh(record, out, key)) is not None:
        click.echo(f"0 files written, {files} unchanged, 0 removed")
        click.echo(f"Open {(out / 'index.html').resolve().as_uri()} in a browser: it needs no server.")
        return
    memory = Memory(Cache(project.cache / CACHE))
    memory.cache.inputs = project.input_hash(memory)
    built = build_site(
        folders,
        memory=memory,
        assets=assets,
        templates=templates,
        out=out,
        load_features=loaders.features,
        load_tuning=loaders.tuning,
        load_circuits=loaders.circuits,
        load_examples=loaders.examples,
        without=without,
        base_url=base_url,
        strict=not allow_warnings,
        whole=not articles,
        waiting=waiting,
    )
    for warning in built.warnings:
        click.echo(f"warning: {_with_short_path(warning)}", err=True)
    print_articles(built.articles, browser, _say, base_url)
    remember(record, out, key)
    memory.cache.save()
    done = built.written
    click.echo(f"{done.written} files written, {done.unchanged} unchanged, {done.removed} removed")
    click.echo(f"Open {built.front_page.resolve().as_uri()} in a browser: it needs no server.")


def _article_folder(given: Path) -> Path:
    """The folder that is meant: the one given, or the one of that name in content/."""
    named = ROOT / "content" / given
    return named if not given.exists() and (named / "article.md").is_file() else given


def _settled_weights(folders, assets: Path, with_weights: bool | None, asked_for: bool) -> frozenset[str]:
    from early_vision.cli.completing import at_terminal, settle_weights
    from early_vision.cli.weights import fetch_googles

    question = (
        "The weights of InceptionV1 are not here. Fetch them (50 MB, once) and render its neurons (half an hour)?"
    )
    ask = (lambda: click.confirm(question, default=True, err=True)) if at_terminal() else None
    return settle_weights(folders, assets, with_weights, asked_for, fetch_googles, ask, _say)


def _home(network) -> Path:
    """The folder that holds a network and what was computed from it."""
    from early_vision.network.known import home_of
    from early_vision.project import Project

    return home_of(network.name, Project(ROOT).assets)


def _say(sentence: str) -> None:
    click.echo(f"note: {sentence}", err=True)


@main.command()
@click.option("--network", "name", default=None, help="The network, by name (inceptionv1-tiny).")
@click.option("--layer", "layers", multiple=True, help="Only this layer. May be given several times.")
@click.option("--fresh", is_flag=True, help="Render again what is there already.")
@click.option("--one-picture", is_flag=True,
              help="Of each neuron only the image that excites it most, from one seed, in few bytes.")  # fmt: skip
@click.option(
    "--held-out",
    type=click.Path(path_type=Path, exists=True),
    help="Folder or zip of held-out pictures to measure first.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes on this machine.  [default: one a core; 1 on a GPU]"
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Work on a Dask cluster that you trust, such as tcp://127.0.0.1:8786."
)
def precompute(
    name: str | None,
    layers: tuple[str, ...],
    fresh: bool,
    one_picture: bool,
    held_out: Path | None,
    jobs: int | None,
    scheduler: str | None,
) -> None:
    """Render the feature visualizations that are missing. Can be interrupted, and then goes on where it stopped."""
    from early_vision.features import features_folder, load_features
    from early_vision.features.held_out import measure_held_out
    from early_vision.features.precompute import precompute, summary
    from early_vision.features.reading import reader
    from early_vision.features.recipe import ONE_PICTURE, Request
    from early_vision.features.sheets import FEW_BYTES
    from early_vision.network.known import EMBEDDED, find_network
    from early_vision.project import Project

    assets = Project(ROOT).assets
    network = find_network(name or EMBEDDED, assets)
    for layer in layers:
        if layer not in network.architecture.layers:
            raise InputError(f"there is no layer {layer!r}", hint=did_you_mean(layer, network.architecture.layers))
    _need_tensorflow()
    home = _home(network)
    folder, scratch = features_folder(home, network), ROOT / ".cache" / "features" / network.name
    if held_out:
        measure_held_out(network, held_out, folder)
    request, quality = (ONE_PICTURE, FEW_BYTES) if one_picture else (Request(), None)
    compute = _compute(network, jobs, scheduler)
    rendered = precompute(network, request, folder, scratch, compute, reader(network), layers, fresh, quality)
    click.echo(f"rendered: {', '.join(rendered)}" if rendered else "nothing is missing")
    if not layers:
        for line in summary(load_features(network, home)):
            click.echo(line)


def _compute(network, jobs: int | None, scheduler: str | None):
    """The `Compute` that works where it was asked to."""
    from early_vision.features.cluster import compute_on_dask
    from early_vision.features.precompute import compute_here
    from early_vision.features.processes import compute_in_processes, default_jobs
    from early_vision.features.units import renderer

    if scheduler and jobs:
        raise click.UsageError("--jobs is for this machine and --scheduler for a cluster: give one of the two")
    if scheduler:
        return compute_on_dask(network, scheduler)
    jobs = jobs or default_jobs()
    return compute_in_processes(network, jobs) if jobs > 1 else compute_here(renderer(network))


def _need_tensorflow() -> None:
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise InputError("this needs TensorFlow", hint='Install it with: pip install -e ".[compute]"') from error


for one in (
    *COMMANDS,
    weights_command,
    train_command,
    measure_command,
    explain_command,
    propose_command,
    circuits_command,
    interventions_command,
    examples_command,
    photographs_command,
    compare_command,
):
    main.add_command(one)
