"""How different two colours look, also to those who do not see red or green."""

import numpy as np

# What is seen of linear red, green and blue; Machado, Oliveira, Fernandes (2009), severity 1.0.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
}

# Oklab: Ottosson (2020), https://bottosson.github.io/posts/oklab/
_CONES = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                   [0.0883024619, 0.2817188376, 0.6299787005]])
_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                 [0.0259040371, 0.7827717662, -0.8086757660]])


def difference(one: tuple[int, int, int], other: tuple[int, int, int], sight: str = "normal") -> float:
    """Return the distance of two sRGB colours in Oklab as seen by a sight: 0 for none, 1 for black and white."""
    first, second = (_oklab(np.array(color) / 255, SIGHTS[sight]) for color in (one, other))
    return float(np.linalg.norm(first - second))


def _oklab(color: np.ndarray, sight: np.ndarray) -> np.ndarray:
    linear = np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
    return _LAB @ np.cbrt(_CONES @ np.clip(sight @ linear, 0, 1))
