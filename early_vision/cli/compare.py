"""The command that holds networks against each other."""

from collections.abc import Callable
from pathlib import Path

import click

from early_vision.errors import InputError, did_you_mean
from early_vision.network.weights import Network
from early_vision.places import program_folder

ASSETS = program_folder() / "assets"


@click.command("compare")
@click.argument("names", nargs=-1, required=True, metavar="NETWORKS...")
@click.option("--record", is_flag=True, help="First record the responses of those that are not, and of their controls.")
@click.option("--fresh", is_flag=True, help="Record again what is there already.")
@click.option(
    "--pictures", type=click.Path(path_type=Path, exists=True), help="Folder or zip of natural pictures, to record."
)
@click.option("--controls-families", is_flag=True, help="When recording, measure the families of controls, too.")
@click.option("--layers", "written", help="Of two networks, which layers: conv2d0=conv1,mixed3a=fire4.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for comparison.json and comparison.csv.")
def compare_command(
    names: tuple[str, ...], record: bool, fresh: bool, pictures: Path | None, controls_families: bool,
    written: str | None, out: Path | None,
) -> None:  # fmt: skip
    """Hold networks against each other and against controls, layer by layer: families, matched neurons, whole layers.

    Needs only what was recorded of each. With --record that is made, from weights.
    """
    from early_vision.comparison.pairing import named_pairs
    from early_vision.comparison.recording import comparison_folder, read_recording
    from early_vision.comparison.report import compare
    from early_vision.comparison.tables import as_csv, as_json, summary
    from early_vision.network.known import find_network_or_outline, home_of
    from early_vision.store import to_json, write_whole

    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"{twice} is named twice")
    networks = [_known(name, find_network_or_outline) for name in names]
    folders = [comparison_folder(home_of(network.name, ASSETS), network) for network in networks]
    if record:
        for network, folder in zip(networks, folders, strict=True):
            _record(network, folder, pictures, fresh, controls_families)
    if len(networks) < 2:
        if record:
            return
        raise InputError("a comparison needs two networks", hint="Run for example: python build.py compare A B")
    if written and len(networks) != 2:
        raise InputError("--layers is for two networks")
    recordings = [read_recording(folder, network) for folder, network in zip(folders, networks, strict=True)]
    pairs = None
    if written:
        there = dict(named_pairs(written, networks[0].architecture, networks[1].architecture))
        one, other = names
        pairs = {(one, other): there, (other, one): {after: before for before, after in there.items()}}
    comparison = compare(recordings, pairs)
    click.echo(summary(comparison))
    if out:
        write_whole(out / "comparison.json", to_json(as_json(comparison)))
        write_whole(out / "comparison.csv", as_csv(comparison).encode())
        click.echo(f"written: {out / 'comparison.json'}, {out / 'comparison.csv'}")


def _known(name: str, find: Callable[[str, Path], Network]) -> Network:
    from early_vision.network.catalogue import read_catalogue
    from early_vision.network.known import known_networks

    try:
        return find(name, ASSETS)
    except InputError as error:
        hint = did_you_mean(name, {*known_networks(ASSETS), *read_catalogue(ASSETS)}) or error.hint
        raise InputError(error.message, file=error.file, line=error.line, hint=hint) from error


def _record(network: Network, folder: Path, pictures: Path | None, fresh: bool, controls_families: bool) -> None:
    from early_vision.circuits.natural_places import read_pictures
    from early_vision.cli.completing import need_tensorflow
    from early_vision.comparison.recording import FILE, read_recording, write_recording
    from early_vision.network.known import home_of
    from early_vision.tuning.drives import Drives
    from early_vision.tuning.layer_tuning import tuning_folder
    from early_vision.tuning.responses import read_responses, responses_path

    if (folder / FILE).is_file() and not fresh:
        read_recording(folder, network)
        return
    if pictures is None:
        raise InputError("to record, there have to be pictures", hint="Give a folder or zip of them with --pictures")
    if network.state != "here":
        raise InputError(
            f"the weights of {network.name} are not here", hint=f"Run: python build.py weights fetch {network.name}"
        )
    need_tensorflow()
    from early_vision.comparison.measuring import record

    def known(of: Network, layer: str) -> Drives | None:
        where = tuning_folder(home_of(of.name, ASSETS), of)
        return read_responses(where, of, layer) if responses_path(where, of, layer).is_file() else None

    say = lambda sentence: click.echo(f"note: {sentence}", err=True)
    families_of = ("shuffled", "untrained") if controls_families else ()
    recording = record(network, read_pictures(pictures, network), known, families_of, say)
    click.echo(f"recorded: {write_recording(folder, recording)}")
