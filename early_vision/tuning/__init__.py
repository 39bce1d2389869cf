"""What the neurons respond to, in numbers: stimuli and responses, measures, families, and groups proposed from them.

Only measuring runs the network (`responses.measure_layer`); all else reads its artifacts and needs no TensorFlow.
"""

from early_vision.tuning.layer_tuning import LayerTuning, load_tuning, tuning_folder

__all__ = ["LayerTuning", "load_tuning", "tuning_folder"]
