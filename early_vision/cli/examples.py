"""The command that finds examples of what neurons answer to among an author's own pictures."""

from pathlib import Path

import click

from early_vision.places import project_folder


@click.command("examples")
@click.option("--pictures", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True,
              help="Folder of pictures, searched in depth; credits.yaml in it says whose they are.")  # fmt: skip
@click.option("--network", "name", default=None, help="The network, by name (inceptionv1-tiny).")
def examples_command(pictures: Path, name: str | None) -> None:
    """Find for every neuron the patches of your pictures that excite it most, and a spread over its range.

    Neurons' pages show them with their credits, and so does the directive `examples`. Pictures are read one after another,
    however many there are; an interrupted run goes on where it stopped. Damaged and tiny ones are named and passed over.
    """
    import numpy as np
    import tensorflow as tf

    from early_vision.features.examples import find_examples
    from early_vision.network.known import EMBEDDED, find_network
    from early_vision.network.tensorflow_ops import forward, layer_node_names
    from early_vision.project import Project

    project = Project(project_folder())
    network = find_network(name or EMBEDDED, project.assets)
    names = layer_node_names(network.architecture)

    @tf.function(reduce_retracing=True, autograph=False)
    def run(batch: tf.Tensor) -> list[tf.Tensor]:
        values = forward(network, batch, names)
        return [values[name] for name in names]

    def answers(squares: np.ndarray) -> dict[str, np.ndarray]:
        values = run(tf.constant(squares, tf.float32))
        return {layer: one.numpy() for layer, one in zip(network.architecture.layer_names, values, strict=True)}

    folder = project.examples_of(network)
    scratch = project.root / ".cache" / "examples" / network.name
    say = lambda sentence: click.echo(f"note: {sentence}", err=True)
    count = find_examples(network, pictures, folder, scratch, answers, say)
    click.echo(f"wrote {folder}: examples among {count} pictures")
