"""Images as decorrelated colours in Fourier space, as lucid parameterizes them, batched over neurons.

Gradient ascent on pixels favours high frequencies and unnatural colours. Scaling every frequency by its amplitude in
natural images, and the colours by their correlations there, spreads the ascent evenly over what images are made of
(Olah et al., Feature Visualization, Distill 2017, section "Preconditioning and Parameterization").
"""

import math
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

COLOR_CORRELATION_SQRT = np.float32([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
"""Square root of the colour covariance of ImageNet's pixels (lucid/optvis/param/color.py)."""

INITIAL_DEVIATION = 0.01


@dataclass(frozen=True)
class FourierImage:
    """Square images of `size` pixels given by their spectra.

    A spectrum is float32 [n, 3, size, 2 * width], width = size // 2 + 1: three decorrelated colours; vertical
    frequencies; the real, then the imaginary parts of the horizontal frequencies that are not conjugates of others.

    Attributes:
        size: side of the images in pixels.
        cutoff: cycles per pixel above which amplitudes roll off; infinite for lucid's own parameterization.
    """

    size: int
    cutoff: float = math.inf

    @property
    def width(self) -> int:
        return self.size // 2 + 1

    def initial(self, seeds: list[tuple[int, ...]]) -> np.ndarray:
        """Faint noise, one spectrum for each seed: a neuron's start does not depend on its batch."""
        shape = (3, self.size, 2 * self.width)
        noise = [np.random.default_rng(seed).standard_normal(shape, np.float32) for seed in seeds]
        return INITIAL_DEVIATION * np.stack(noise)

    def amplitudes(self) -> np.ndarray:
        """The scale of each frequency, float32 [size, width].

        1 / frequency, made unitary, as in lucid's `fft_image`, times a Butterworth roll-off of second order.
        """
        fy, fx = np.fft.fftfreq(self.size)[:, None], np.fft.rfftfreq(self.size)[None]
        frequency = np.maximum(np.hypot(fy, fx), 1.0 / self.size)
        roll_off = np.sqrt(1 + (frequency / self.cutoff) ** 4)
        return (self.size / frequency / roll_off / 4.0).astype(np.float32)

    def synthesis(self) -> tuple[np.ndarray, np.ndarray]:
        """The inverse real Fourier transform as two matrix products, which many small images take faster than an FFT.

        Returns:
            columns: [2 * width, 2 * size], from a row of a spectrum to a row of complex pixels, real parts first;
            rows: [size, 2 * size], from the complex pixels of all vertical frequencies, real and imaginary parts of
                each in turn, to a column of real pixels.
        """
        n, width = self.size, self.width
        angle = 2 * np.pi * np.outer(np.arange(width), np.arange(n)) / n
        # Every frequency but the first and (for even sizes) the last stands for its conjugate too.
        weight = np.where((np.arange(width) == 0) | (2 * np.arange(width) == n), 1.0, 2.0)[:, None] / n
        cos, sin = weight * np.cos(angle), weight * np.sin(angle)
        columns = np.block([[cos, sin], [-sin, cos]])
        angle = 2 * np.pi * np.outer(np.arange(n), np.arange(n)) / n
        rows = np.stack([np.cos(angle), -np.sin(angle)], axis=2).reshape(n, 2 * n) / n
        return columns.astype(np.float32), rows.astype(np.float32)

    def colors(self, spectrum: tf.Tensor) -> tf.Tensor:
        """Decorrelated colours, float32 [n, 3, size, size], of spectra."""
        n = self.size
        columns, rows = self.synthesis()
        scaled = spectrum * np.tile(self.amplitudes(), (1, 2))
        complex_rows = tf.matmul(tf.reshape(scaled, [-1, 2 * self.width]), columns)
        return tf.reshape(tf.matmul(rows, tf.reshape(complex_rows, [-1, 2 * n, n])), [-1, 3, n, n])

    def seen_through(self, spectrum: tf.Tensor, interpolation: tf.SparseTensor, size: int) -> tf.Tensor:
        """Images of spectra as an interpolation [size * size, self.size * self.size] takes them from the canvas.

        Returns:
            float32 [n, size, size, 3], RGB, 0 to 1.
        """
        pixels = tf.transpose(tf.reshape(self.colors(spectrum), [-1, self.size * self.size]))
        taken = tf.reshape(tf.sparse.sparse_dense_matmul(interpolation, pixels), [size * size, -1, 3])
        return tf.reshape(tf.transpose(to_rgb(taken), [1, 0, 2]), [-1, size, size, 3])


def to_rgb(colors: tf.Tensor) -> tf.Tensor:
    """Decorrelated colours [..., 3] to RGB between 0 and 1, as lucid's `to_valid_rgb`."""
    matrix = COLOR_CORRELATION_SQRT / np.linalg.norm(COLOR_CORRELATION_SQRT, axis=0).max()
    return tf.sigmoid(tf.reshape(tf.matmul(tf.reshape(colors, [-1, 3]), matrix.T), tf.shape(colors)))
