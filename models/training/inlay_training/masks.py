"""Random masks, 1 = hole. Lengths scale with the crop's side (the published generator's are pixels of a 256 crop).

Thick strokes and boxes follow LaMa's "random thick" generator (Suvorov et al., WACV 2022) with the angle drawn
uniformly; smooth blobs, thin strokes and border bands are what an editor sees besides. `paper_mask` keeps the published
generator's quirks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

Mask = np.ndarray
"""(S, S) float32 of 0 and 1."""


def draw_line(mask: Mask, start: np.ndarray, end: np.ndarray, width: float) -> None:
    """Sets every pixel within width / 2 of the segment from `start` to `end` (x, y): a line with round ends."""
    side = mask.shape[0]
    low = np.maximum(np.floor(np.minimum(start, end) - width / 2), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(start, end) + width / 2) + 1, side).astype(int)
    if (high <= low).any():
        return
    ys, xs = np.mgrid[low[1] : high[1], low[0] : high[0]]
    direction = end - start
    length = float(direction @ direction)
    along = np.zeros(xs.shape)
    if length > 0:
        along = np.clip(((xs - start[0]) * direction[0] + (ys - start[1]) * direction[1]) / length, 0, 1)
    distance = np.hypot(xs - start[0] - along * direction[0], ys - start[1] - along * direction[1])
    mask[low[1] : high[1], low[0] : high[0]][distance <= width / 2] = 1


def strokes(rng: Generator, side: int, count: int, width: tuple[float, float], length: tuple[float, float]) -> Mask:
    """`count` polylines of one to five segments, each of a width and length drawn anew."""
    mask = np.zeros((side, side), np.float32)
    for _ in range(count):
        point = rng.uniform(0, side, 2)
        for _ in range(int(rng.integers(1, 6))):
            angle = rng.uniform(0, 2 * np.pi)
            step = rng.uniform(*length) * np.array([np.sin(angle), np.cos(angle)])
            end = np.clip(point + step, 0, side - 1)
            draw_line(mask, point, end, rng.uniform(*width))
            point = end
    return mask


def boxes(rng: Generator, side: int, scale: float) -> Mask:
    """One to three rectangles of 30 to 150 px (of a 256 crop), 10 px off the border."""
    mask = np.zeros((side, side), np.float32)
    margin = int(10 * scale)
    for _ in range(int(rng.integers(1, 4))):
        high = min(int(150 * scale), side - 2 * margin)
        width, height = rng.integers(min(int(30 * scale), high), high + 1, 2)
        x = int(rng.integers(margin, side - margin - width + 1))
        y = int(rng.integers(margin, side - margin - height + 1))
        mask[y : y + height, x : x + width] = 1
    return mask


def thick(rng: Generator, side: int) -> Mask:
    """Thick strokes (10 of 13) or boxes (3 of 13); redrawn while more than 60 % is hole."""
    scale = side / 256
    while True:
        if rng.random() < 10 / 13:
            count = int(rng.integers(1, 7))
            mask = strokes(rng, side, count, (5 * scale, 105 * scale), (10 * scale, 210 * scale))
        else:
            mask = boxes(rng, side, scale)
        if mask.mean() <= 0.6:
            return mask


def blob(rng: Generator, side: int) -> Mask:
    """Thresholded smooth noise: the shape of a segmented object."""
    cells = int(rng.integers(3, 7))
    noise = rng.standard_normal((cells, cells))
    grid = np.linspace(0, cells - 1, side)
    rows = np.stack([np.interp(grid, np.arange(cells), row) for row in noise])
    field = np.stack([np.interp(grid, np.arange(cells), column) for column in rows.T], axis=1)
    return (field > np.quantile(field, rng.uniform(0.5, 0.9))).astype(np.float32)


def thin(rng: Generator, side: int) -> Mask:
    """Scratches and wires, 3 to 12 px."""
    return strokes(rng, side, int(rng.integers(1, 4)), (3, 12), (side / 8, side / 2))


def band(rng: Generator, side: int) -> Mask:
    """A band along one border, as outpainting makes it."""
    mask = np.zeros((side, side), np.float32)
    mask[: int(rng.integers(side // 8, side // 2))] = 1
    return np.ascontiguousarray(np.rot90(mask, int(rng.integers(4))))


def everything(_: Generator, side: int) -> Mask:
    """All hole."""
    return np.ones((side, side), np.float32)


Mixture = tuple[tuple[float, Callable[[Generator, int], Mask]], ...]
DECODER: Mixture = ((0.60, thick), (0.17, blob), (0.17, thin), (0.06, band))
DENOISER: Mixture = ((0.05, everything), (0.15, band), (0.10, blob), (0.70, thick))


def draw(rng: Generator, side: int, mixture: Mixture) -> Mask:
    """A mask of one of the kinds, by their shares, which add up to 1."""
    choice = rng.random()
    for share, kind in mixture:
        choice -= share
        if choice < 0:
            return kind(rng, side)
    return mixture[-1][1](rng, side)


def decoder_mask(rng: Generator, side: int, share_all_hole: float = 0.2) -> Mask:
    """All hole with the given probability, else the decoder's mixture."""
    return everything(rng, side) if rng.random() < share_all_hole else draw(rng, side, DECODER)


def denoiser_mask(rng: Generator, side: int) -> Mask:
    """The denoiser's mixture."""
    return draw(rng, side, DENOISER)


def paper_mask(rng: Generator, side: int, share_all_hole: float = 0.5) -> Mask:
    """The paper's draw: all hole, or LaMa's generator as published, whose lengths are pixels at any side, which knows
    four directions only (0.01 + 0..3 radians, mirrored in every other polyline), and which has no limit of area.
    """
    if rng.random() < share_all_hole:
        return everything(rng, side)
    if rng.random() < 0.3 / 1.3:
        return boxes(rng, side, 1.0)
    mask = np.zeros((side, side), np.float32)
    for polyline in range(int(rng.integers(1, 7))):
        point = rng.integers(0, side, 2)
        for _ in range(int(rng.integers(1, 6))):
            angle = 0.01 + int(rng.integers(0, 4))
            angle = 2 * np.pi - angle if polyline % 2 == 0 else angle
            length, width = 10 + int(rng.integers(0, 200)), 5 + int(rng.integers(0, 100))
            step = length * np.array([np.sin(angle), np.cos(angle)])
            end = np.clip((point + step).astype(int), 0, side - 1)
            draw_line(mask, point.astype(float), end.astype(float), width)
            point = end
    return mask
