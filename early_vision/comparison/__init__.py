"""How alike networks are, layer by layer, against controls.

In: a network, the stimuli of `tuning`, natural pictures. Out: `Recording`, its responses to both in a small artifact,
with those of its controls; and comparisons of any number of recordings: `similarity` of neurons and of whole layers,
`family_shares`, `pairing` of layers, put together by `report`. Only recording runs a network (`measuring`).
"""
