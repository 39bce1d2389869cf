"""The command that holds networks against each other."""

from pathlib import Path

import click

from early_vision.errors import InputError
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
    from early_vision.comparison.recording import find_recording
    from early_vision.comparison.report import compare
    from early_vision.comparison.tables import as_csv, as_json, summary
    from early_vision.store import to_json, write_whole

    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"{twice} is named twice")
    if len(names) < 2 and not record:
        raise InputError("a comparison needs two networks", hint="Run for example: python build.py compare A B")
    if written and len(names) != 2:
        raise InputError("--layers is for two networks")
    if record:
        for name in names:
            _record(name, pictures, fresh, controls_families)
    if len(names) < 2:
        return
    recordings = [find_recording(name, ASSETS) for name in names]
    pairs = None
    if written:
        there = dict(named_pairs(written, recordings[0].architecture, recordings[1].architecture))
        one, other = names
        pairs = {(one, other): there, (other, one): {after: before for before, after in there.items()}}
    comparison = compare(recordings, pairs)
    click.echo(summary(comparison))
    if out:
        write_whole(out / "comparison.json", to_json(as_json(comparison)))
        write_whole(out / "comparison.csv", as_csv(comparison).encode())
        click.echo(f"written: {out / 'comparison.json'}, {out / 'comparison.csv'}")


def _record(name: str, pictures: Path | None, fresh: bool, controls_families: bool) -> None:
    from early_vision.circuits.natural_places import read_pictures
    from early_vision.cli.completing import need_tensorflow
    from early_vision.comparison.recording import read_recording, recording_path, write_recording
    from early_vision.network.known import find_network, home_of

    network = find_network(name, ASSETS)
    path = recording_path(home_of(name, ASSETS), name)
    if path.is_file() and not fresh:
        read_recording(path, network)
        return
    if pictures is None:
        raise InputError("to record, there have to be pictures", hint="Give a folder or zip of them with --pictures")
    need_tensorflow()
    from early_vision.comparison.measuring import record

    say = lambda sentence: click.echo(f"note: {sentence}", err=True)
    families_of = ("shuffled", "untrained") if controls_families else ()
    recording = record(network, read_pictures(pictures, network), say, families_of)
    click.echo(f"recorded: {write_recording(path, recording)}")
