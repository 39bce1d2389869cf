"""Training the embedded network anew: pictures in, folded float16 weights and a model card out.

Data flows one way: `data` → `train` (with `model`, `augment`, `checkpoint`, `journal`) → `export` → `model_card`.
PyTorch is needed here and nowhere else; `command`, `options` and `data` can be imported without it.
"""
