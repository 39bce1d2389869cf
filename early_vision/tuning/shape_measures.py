"""Measures of curves, corners, circles, textures and borders: how parts are arranged."""

import numpy as np

from early_vision.tuning.drives import Drives, contrast, resultant

CUES = ("texture", "light", "colour")


def curve_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Curves against straight lines and edges, and which curves.

    Curvature preference: Pasupathy and Connor, Responses to contour features in macaque area V4, J. Neurophysiol. 1999,
    compare curved with straight contours; the tuning over direction follows Cammarata et al., Curve Detectors, Distill
    2020.
    """
    line, edge = drives.best("line"), drives.best("edge")
    curve, curved = drives.best("curve"), drives.best("curved_edge")
    as_line = drives.by("curve", "direction", "radius", "polarity")
    as_edge = drives.by("curved_edge", "direction", "radius", "polarity")
    both = np.maximum(as_line, as_edge)
    best = both.reshape(len(both), -1).argmax(1)
    _, at_radius, at_polarity = np.unravel_index(best, both.shape[1:])
    by_direction = both[np.arange(len(both)), :, at_radius, at_polarity]
    direction, selectivity = resultant(by_direction, drives.values("curve", "direction"), 360.0)
    opposite = _at_opposite(by_direction)
    return {
        "curvature": contrast(np.maximum(curve, curved), np.maximum(line, edge)),
        "curve_direction": direction,
        "curve_selectivity": selectivity,
        "curve_over_opposite": contrast(by_direction.max(1), opposite),
        "curve_radius": drives.sizes("curve", "radius", at_radius),
        "curve_line_over_edge": contrast(curve, curved),
    }


def shape_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Corners, crosses and circles against what they are made of."""
    straight = drives.best("line", "edge")
    bent = drives.best("curve", "curved_edge")
    corner = drives.by("corner", "direction")
    angle = drives.by("angle", "direction")
    pointed = np.where((corner.max(1) >= angle.max(1))[:, None], corner, angle)
    direction, selectivity = resultant(pointed, drives.values("corner", "direction"), 360.0)
    round_ = drives.best("circle", "eye", "disc")
    spread = drives.by("divergence", "direction")
    return {
        "corner_over_straight": contrast(drives.best("corner", "angle"), straight),
        "corner_over_curve": contrast(drives.best("corner", "angle"), bent),
        "corner_direction": direction,
        "corner_selectivity": selectivity,
        "cross_over_lines": cross_over_lines(drives),
        "divergence_over_line": contrast(drives.best("divergence"), drives.best("line", "angle")),
        "divergence_direction": resultant(spread, drives.values("divergence", "direction"), 360.0)[0],
        "divergence_selectivity": resultant(spread, drives.values("divergence", "direction"), 360.0)[1],
        "circle_over_curve": contrast(round_, bent),
        "ring_over_spot": contrast(drives.best("circle", "eye"), drives.best("disc")),
        "parting_over_stripes": contrast(drives.best("parting"), drives.best("grating", "hatch")),
    }


def cross_over_lines(drives: Drives) -> np.ndarray:
    """The best cross or junction over the sum of the drives by its own lines alone, -1 to 1, [neurons].

    More ink drives more: only what exceeds the sum says that the lines have to meet.
    """
    width = drives.values("line", "width")[1]
    line = drives.by("line", "orientation", "polarity", width=width)
    end = drives.by("line_end", "direction", "polarity", width=width)
    crosses = drives.by("cross", "orientation", "polarity")
    of_cross = line[:, :6] + line[:, 6:]
    junctions = drives.by("junction", "direction", "polarity")
    directions = drives.values("junction", "direction")
    across = [list(drives.values("line", "orientation")).index((d + 90) % 180) for d in directions]
    towards = [list(drives.values("line_end", "direction")).index((d + 180) % 360) for d in directions]
    of_junction = line[:, across] + end[:, towards]
    drive = np.concatenate([crosses.reshape(len(line), -1), junctions.reshape(len(line), -1)], axis=1)
    parts = np.concatenate([of_cross.reshape(len(line), -1), of_junction.reshape(len(line), -1)], axis=1)
    at = drive.argmax(1)
    every = np.arange(len(line))
    return contrast(drive[every, at], parts[every, at])


def texture_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Textures against single shapes, and two textures side by side."""
    single = drives.best("line", "edge", "curve", "curved_edge", "corner", "disc")
    noise = drives.best("noise")
    stripes = drives.best("grating")
    return {
        "stripes_over_line": contrast(stripes, drives.best("line", "edge")),
        "stripes_over_patch": contrast(stripes, drives.best("gabor")),
        "hatch_over_stripes": contrast(drives.best("hatch"), stripes),
        "pattern_over_stripes": contrast(drives.best("checks", "dots"), stripes),
        "noise_over_shapes": contrast(noise, single),
        "noise_frequency": drives.values("noise", "frequency")[drives.by("noise", "frequency").argmax(1)],
        "noise_spot_over_noise": contrast(drives.by("noise_spot", where="centre"), noise),
        "noise_hole_over_noise": contrast(drives.by("noise_spot", where="surround"), noise),
        **high_low_measures(drives),
    }


def high_low_measures(drives: Drives) -> dict[str, np.ndarray]:
    """High frequency on one side, low on the other (Schubert et al., High-Low Frequency Detectors, Distill 2021).

    `high_low`: by how much the best such pair exceeds the same pair the other way round and either texture alone, as a
    share of itself.
    """
    by_direction = drives.by("high_low", "direction")
    direction, selectivity = resultant(by_direction, drives.values("high_low", "direction"), 360.0)
    best = by_direction.max(1)
    control = np.maximum(_at_opposite(by_direction), drives.best("noise"))
    return {
        "high_low": np.where(best > 0, 1 - np.minimum(control, best) / np.where(best > 0, best, 1), 0.0),
        "high_low_direction": direction,
        "high_low_selectivity": selectivity,
    }


def boundary_measures(drives: Drives) -> dict[str, np.ndarray]:
    """Borders that differ in texture, brightness or colour, alone and together.

    A cue speaks for an orientation by its drive there less that at right angles, as a share of the neuron's largest
    drive. `boundary` is what the second best cue says for the orientation at which it says most: a neuron that knows
    one cue only has none.
    """
    singles, orientation = [], drives.values("boundary", "direction")[:4]
    for cue in CUES:
        absent = {other: 0 for other in CUES if other != cue}
        drive = drives.by("boundary", "direction", cue, **absent)
        values = drives.values("boundary", cue)
        present = drive[:, :, values != 0].max(2)
        along = np.maximum(present[:, :4], present[:, 4:])
        singles.append(drives.share(along - np.roll(along, 2, axis=1)))
    each = np.stack(singles, axis=1)
    second = np.sort(each, axis=1)[:, -2]
    at = second.argmax(1)
    together = drives.share(drives.best("boundary"))
    alone = drives.share(np.max([drives.by("boundary", **{o: 0 for o in CUES if o != cue}) for cue in CUES], axis=0))
    return {
        "boundary": np.clip(second.max(1), 0, 1),
        # The light side lies at right angles to the border.
        "boundary_orientation": np.mod(orientation[at] + 90.0, 180.0),
        "cues_together": together - alone,
        **{f"{cue}_cue": np.clip(each[:, i].max(1), 0, 1) for i, cue in enumerate(CUES)},
    }


def _at_opposite(by_direction: np.ndarray) -> np.ndarray:
    """The drive at the direction opposite to the best one, [neurons], from [neurons, directions]."""
    best = by_direction.argmax(1)
    opposite = (best + by_direction.shape[1] // 2) % by_direction.shape[1]
    return by_direction[np.arange(len(by_direction)), opposite]
