"""Random numbers that depend on the seed and the concern, and on nothing else."""

import zlib

import numpy as np


def stream(seed: int, concern: str) -> np.random.Generator:
    """Return the generator of one concern, independent of all others.

    Each concern draws from its own stream, so a change in how, say, devices are drawn
    leaves every resident as they were.

    Args:
        seed: the seed of the city, at least 0.
        concern: a constant name such as ``"people"``.
    """
    return np.random.default_rng([seed, zlib.crc32(concern.encode())])
