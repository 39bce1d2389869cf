"""The command that computes what the site shows of a network's circuits and a build does not compute anew."""

from pathlib import Path

import click

from early_vision.circuits.approximation import measure_approximation
from early_vision.circuits.artifact import compute_connections
from early_vision.circuits.network_circuits import circuits_folder
from early_vision.circuits.symmetry_artifact import compute_symmetries
from early_vision.places import program_folder, project_folder

ROOT = project_folder()
ASSETS = program_folder() / "assets"


@click.command("circuits")
@click.option("--network", "name", default=None, help="The network, by name (inceptionv1-tiny).")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, exists=True),
    help="Folder or zip of held-out pictures: measure on them how well expanded weights predict activations.",
)
def circuits_command(name: str | None, pictures: Path | None) -> None:
    """Compute the symmetries of a network and, given pictures, measure its expanded weights.

    Of a network whose weights are not in the repository, also write down the connections that pages and the articles in
    content/ show, so that a site of it can be built without them.
    """
    from early_vision.features.held_out import picture_batches
    from early_vision.network.known import EMBEDDED, find_network, home_of, write_record
    from early_vision.site.named_connections import named_by_articles

    network = find_network(name or EMBEDDED, ASSETS)
    home = home_of(network.name, ASSETS)
    folder = circuits_folder(home, network)
    if pictures:
        measure_approximation(network, picture_batches(pictures), folder)
        click.echo(f"measured: {folder / 'approximation.json'}")
    compute_symmetries(network, folder)
    click.echo(f"computed: {folder / 'symmetries.json'}")
    if network.name != EMBEDDED:
        named = named_by_articles(sorted((ROOT / "content").glob("*/article.md")), network, folder)
        click.echo(f"computed: {compute_connections(network, named, folder)}")
        click.echo(f"computed: {write_record(home, network)}")
