"""Images as decorrelated colours in Fourier space, as lucid parameterizes them, batched over neurons.

Gradient ascent on pixels favours high frequencies and unnatural colours. Scaling every frequency by its amplitude in
natural images, and the colours by their correlations there, spreads the ascent evenly over what images are made of
(Olah et al., Feature Visualization, Distill 2017, section "Preconditioning and Parameterization").

lucid's parameters are the complex coefficients of half the frequencies. Here they are real, of products of cosines and
sines: an orthogonal change of basis that mixes only frequencies of the same amplitude, so the ascent is the same one,
and synthesis is two real matrix products in place of two complex ones.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

COLOR_CORRELATION_SQRT = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32)
"""Square root of the colour covariance of ImageNet's pixels (lucid/optvis/param/color.py)."""

INITIAL_DEVIATION = 0.01


@dataclass(frozen=True)
class FourierImage:
    """Square images of `size` pixels given by their spectra.

    Spectra are float32 [size, size, 3, n]: vertical frequencies, horizontal frequencies (each in the order of `basis`),
    three decorrelated colours, images. The images come last so that every product is one of large matrices.

    Attributes:
        size: side of the images in pixels.
        cutoff: cycles per pixel above which amplitudes roll off; infinite for lucid's own parameterization.
    """

    size: int
    cutoff: float = math.inf

    @property
    def coefficients(self) -> int:
        """How many real numbers lucid has for an image: those of `size` by `size // 2 + 1` complex coefficients."""
        return 3 * self.size * 2 * (self.size // 2 + 1)

    def frequencies(self) -> np.ndarray:
        """Cycles per pixel of each function of the basis, float64 [size]: 0, then each twice, for cosine and sine."""
        return np.arange(1, self.size + 1) // 2 / self.size

    def basis(self) -> np.ndarray:
        """The real Fourier basis, float64 [size, size]: its rows are orthogonal functions of the pixel, of length 1."""
        phase = 2 * np.pi * np.outer(self.frequencies(), np.arange(self.size))
        waves = np.where(np.arange(self.size)[:, None] % 2 == 1, np.cos(phase), np.sin(phase))
        waves[0] = 1
        return waves / np.linalg.norm(waves, axis=1, keepdims=True)

    def amplitudes(self) -> np.ndarray:
        """The scale of each frequency, float64 [size, size].

        1 / frequency, made unitary, as in lucid's `fft_image`, times a Butterworth roll-off of second order.
        """
        frequency = np.maximum(np.hypot(*np.meshgrid(self.frequencies(), self.frequencies())), 1.0 / self.size)
        roll_off = np.sqrt(1 + (frequency / self.cutoff) ** 4)
        return self.size / frequency / roll_off / 4.0

    def _metric(self) -> np.ndarray:
        """How far a unit step along a real coefficient is in lucid's complex ones, float64 [size], by horizontal frequency.

        The inverse real transform counts every coefficient twice, for its conjugate too, but for those of the first
        and (of even sizes) the last horizontal frequency.
        """
        ends = np.isin(2 * self.frequencies(), (0, 1))
        return np.where(ends, 1.0, math.sqrt(2)) / self.size

    def initial(self, seeds: Sequence[Sequence[int]]) -> np.ndarray:
        """Faint noise, one spectrum for each seed: a neuron's start does not depend on its batch."""
        n, width, basis = self.size, self.size // 2 + 1, self.basis()
        spectra = np.empty((n, n, 3, len(seeds)), np.float32)
        for i, seed in enumerate(seeds):
            # Drawn as lucid's coefficients, of variance 1, and so of variance 1 in any orthogonal basis.
            noise = np.random.default_rng(seed).standard_normal((3, n, 2 * width), np.float32)
            pixels = np.fft.irfft2(noise[..., :width] + 1j * noise[..., width:], s=(n, n))
            spectra[..., i] = (INITIAL_DEVIATION * (basis @ pixels @ basis.T) / self._metric()).transpose(1, 2, 0)
        return spectra

    def colors(self, spectrum: tf.Tensor) -> tf.Tensor:
        """Decorrelated colours, float32 [size, size, 3 * n], of spectra."""
        n = self.size
        inverse = self.basis().T.astype(np.float32)
        scale = (self.amplitudes() * self._metric()).astype(np.float32)
        scaled = tf.reshape(spectrum * scale[:, :, None, None], [n, -1])
        rows = tf.reshape(tf.matmul(inverse, scaled), [n, n, -1])
        return tf.matmul(inverse, rows)

    def seen_through(self, spectrum: tf.Tensor, interpolation: tf.SparseTensor, size: int) -> tf.Tensor:
        """Images of spectra as an interpolation [size * size, self.size * self.size] takes them from the canvas.

        Returns:
            float32 [n, size, size, 3], RGB, 0 to 1.
        """
        pixels = tf.reshape(self.colors(spectrum), [self.size * self.size, -1])
        taken = tf.reshape(tf.sparse.sparse_dense_matmul(interpolation, pixels), [size * size * 3, -1])
        return tf.reshape(to_rgb(tf.reshape(tf.transpose(taken), [-1, 3])), [-1, size, size, 3])


def to_rgb(colors: tf.Tensor) -> tf.Tensor:
    """Decorrelated colours [n, 3] to RGB between 0 and 1, as lucid's `to_valid_rgb`."""
    matrix = COLOR_CORRELATION_SQRT / np.linalg.norm(COLOR_CORRELATION_SQRT, axis=0).max()
    return tf.sigmoid(tf.matmul(colors, matrix.T))
