"""What is done to photographs to see whether a neuron cares, and what is measured of them without a network.

Images are float32 [n, side, side, 3], 0 to 255; luma is ITU-R BT.709's weighted sum of R, G and B.
"""

import numpy as np

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
HUES = np.arange(0.0, 360.0, 60.0)
SIDES = {"right": 0.0, "upper": 90.0, "left": 180.0, "lower": 270.0}


def tinted(images: np.ndarray, hue: float, strength: float) -> np.ndarray:
    """With a colour of a hue (0 red, 120 green, 240 blue) added everywhere, as long as `strength`, and luma as it was."""
    raw = np.cos(np.radians(hue - np.array([0.0, 120.0, 240.0]))).astype(np.float32)
    colour = raw - LUMA @ raw
    return np.clip(images + strength * colour / np.linalg.norm(colour), 0, 255)


def brightened(images: np.ndarray, strength: float) -> np.ndarray:
    """With grey added, or taken away, as long as `strength`: what a tint is held against."""
    return np.clip(images + strength / np.float32(np.sqrt(3)), 0, 255)


def hue_turned(images: np.ndarray) -> np.ndarray:
    """Every colour its opposite, of the same luma."""
    return np.clip(2 * (images @ LUMA)[..., None] - images, 0, 255)


def blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    """By a Gaussian, the edge pixels going on beyond the edge."""
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2)).astype(np.float32)
    for axis in (1, 2):
        pads = [(reach, reach) if a == axis else (0, 0) for a in range(images.ndim)]
        padded, size = np.pad(images, pads, mode="edge"), images.shape[axis]
        cuts = (padded[:, i : i + size] if axis == 1 else padded[:, :, i : i + size] for i in range(len(weights)))
        images = sum(w * cut for w, cut in zip(weights / weights.sum(), cuts, strict=True))
    return images


def half_mask(size: int, side: str) -> np.ndarray:
    """1 in one half of a square, 0 in the other, with a slope of an eighth between: float32 [size, size, 1]."""
    at = (np.arange(size) - (size - 1) / 2) / size
    turn = np.radians(SIDES[side])
    along = at[None, :] * np.cos(turn) - at[:, None] * np.sin(turn)
    return np.clip(0.5 + 8 * along, 0, 1).astype(np.float32)[..., None]


def disc_mask(size: int) -> np.ndarray:
    """1 in a disc that has half of the square's area, 0 around it, with a slope: float32 [size, size, 1]."""
    at = (np.arange(size) - (size - 1) / 2) / size
    away = np.hypot(at[None, :], at[:, None])
    return np.clip(0.5 + 12 * (1 / np.sqrt(2 * np.pi) - away), 0, 1).astype(np.float32)[..., None]


def line_fields(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lines and edges in pictures, by the structure tensor (Bigun and Granlund 1987) and its turn along the line.

    Returns:
        complex [n], twice the angle, upwards, across which each picture changes most: its length, 0 to 1, is how much
        they all agree; and complex [n], which way its lines bend, towards the middle of their circle, in 1 / px.
    """
    luma = images @ LUMA
    down, right = np.gradient(luma, axis=(1, 2))
    square = (right - 1j * down) ** 2
    size = luma.shape[1]
    sigma = max(size / 24, 1.0)
    smooth = lambda values: blurred(np.stack([values.real, values.imag], -1).astype(np.float32), sigma)
    parts = smooth(square)
    tensor, energy = parts[..., 0] + 1j * parts[..., 1], smooth(np.abs(square) + 0j)[..., 0]
    window = disc_mask(size)[..., 0]
    whole = (window * energy).sum((1, 2)) + 1e-9
    agreed = (window * tensor).sum((1, 2)) / whole
    turn_down, turn_right = np.gradient(tensor, axis=(1, 2))
    across = np.exp(0.5j * np.angle(tensor))
    along = 1j * across
    # Along the line: x grows to the right, y upwards, so against the rows.
    change = turn_right * along.real - turn_down * along.imag
    curvature = (np.conj(tensor) * change).imag / (
        2 * np.abs(tensor) ** 2 + 1e-3 * (whole / window.sum())[:, None, None] ** 2
    )
    bend = (window * np.abs(tensor) * curvature * -across).sum((1, 2)) / whole
    return agreed, bend
