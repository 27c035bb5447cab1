"""Held-out figures of a decoder: against TAEF2's plain one, for exact and for colour-jittered latents."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from . import metrics
from .data import Photo, read
from .lanes import Lanes
from .latents import colour_jitter, mask_to_cells
from .masks import Mask, blob, thick, thin
from .networks.asymmetric import AsymmetricDecoder
from .padding import crop, reflect

KINDS = {"thick": thick, "blob": blob, "thin": thin}


@dataclass(frozen=True)
class Sample:
    """A held-out crop (1, 3, S, S) in 0..1 and its mask (1, 1, S, S)."""

    name: str
    image: Tensor
    mask: Tensor
    seed: int


def samples(photos: list[Photo], side: int, limit: int, masks_each: int = 1) -> list[Sample]:
    """The centre crop of up to `limit` photographs, evenly spread over the list, with masks that never change."""
    chosen = [photos[i * len(photos) // min(limit, len(photos))] for i in range(min(limit, len(photos)))]
    kinds = list(KINDS.values())
    result = []
    for index, photo in enumerate(chosen):
        picture = read(photo.path)
        if min(picture.shape[:2]) < side:
            continue
        y, x = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
        image = torch.from_numpy(picture[y : y + side, x : x + side].copy()).permute(2, 0, 1)[None].float() / 255
        for number in range(masks_each):
            seed = 1000 + index * 16 + number
            mask: Mask = kinds[(index + number) % 3](np.random.default_rng(seed), side)
            result.append(Sample(photo.path.name, image, torch.from_numpy(mask.copy())[None, None], seed))
    return result


@torch.no_grad()
def sample_figures(
    encoder: nn.Module, plain: nn.Module, decoder: AsymmetricDecoder, sample: Sample
) -> dict[str, float]:
    """Mean squares and seam errors of one sample, both arms. `hole` and `nomask` are mean squares, 0..1."""
    device = next(encoder.parameters()).device
    x, m = sample.image.to(device), sample.mask.to(device)
    wide, hole = reflect(x), reflect(m)
    exact = encoder(wide)
    other = colour_jitter(wide, np.random.default_rng(sample.seed))
    jittered = torch.where(mask_to_cells(hole) > 0, encoder(other), exact)
    figures: dict[str, float] = {"coverage": float(m.mean())}
    for name, z in (("exact", exact), ("jitter", jittered)):
        for arm, raw in (("plain", plain(z)), ("asymmetric", decoder(z, wide, hole))):
            y = crop(raw).clamp(0, 1)
            rounded = (y * 255).round() / 255
            figures[f"{name}.{arm}.preservation"] = metrics.mean_square(y, x, 1 - m)
            figures[f"{name}.{arm}.preservation8"] = metrics.mean_square(rounded, x, 1 - m)
            figures[f"{name}.{arm}.hole"] = metrics.mean_square(y, x, m)
            figures[f"{name}.{arm}.seam"] = metrics.seam_error(metrics.paste(y, x, m), x, m)
            figures[f"{name}.{arm}.seam-raw"] = metrics.seam_error(y, x, m)
    whole = torch.ones_like(m)
    figures["nomask.plain"] = metrics.mean_square(crop(plain(exact)).clamp(0, 1), x, whole)
    figures["nomask.asymmetric"] = metrics.mean_square(crop(decoder(exact)).clamp(0, 1), x, whole)
    return figures


def decoder_figures(
    encoder: nn.Module, plain: nn.Module, decoder: AsymmetricDecoder, held: list[Sample], lanes: Lanes
) -> dict[str, float]:
    """Means over the samples, PSNR from them, and `ratio.*`: preservation how many times better than the plain
    decoder's, seams as a share of the plain decoder's with a hard paste.
    """
    rows = lanes.map(lambda sample: sample_figures(encoder, plain, decoder, sample), held)
    mean = {key: float(np.nanmean([row[key] for row in rows])) for key in rows[0]}
    psnr = {f"{key}.psnr": -10 * math.log10(value) for key, value in mean.items() if "hole" in key or "nomask" in key}
    ratio = {
        "ratio.preservation": mean["exact.plain.preservation"] / max(mean["exact.asymmetric.preservation"], 1e-12),
        "ratio.seam": mean["exact.asymmetric.seam"] / mean["exact.plain.seam"],
        "ratio.seam-jitter": mean["jitter.asymmetric.seam"] / mean["jitter.plain.seam"],
    }
    return mean | psnr | ratio
