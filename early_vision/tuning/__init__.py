"""What the neurons respond to, in numbers.

In: a network. Out: for every layer a `LayerTuning`: responses to synthetic stimuli, measures, scores of families.
Data flows from `stimuli` (drawn by `shapes`, `textures`, `colour`) to `responses`, `drives`, `measures` (of orientation,
colour, shape) and `families`. Only measuring runs the network (`responses.measure_layer`); all else reads its artifacts
and needs no TensorFlow.
"""

from early_vision.tuning.layer_tuning import LayerTuning, load_tuning, tuning_folder

__all__ = ["LayerTuning", "load_tuning", "tuning_folder"]
