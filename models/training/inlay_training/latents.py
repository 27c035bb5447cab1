"""What the decoder is fed in training: the step that the paper lacks.

At inference the hole's latents are a denoiser's, perhaps a little off in colour, and the kept ones come from the
picture with a grey hole. Training with exact latents only would teach a decoder that never has to harmonise anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn import functional as F

#: Share of samples whose hole is encoded from a picture of slightly other colours, and of those with noise in the hole.
JITTERED, NOISY = 0.25, 0.25
GAIN, OFFSET = 0.04, 0.02
NOISE = (0.05, 0.25)


def mask_to_cells(mask: Tensor, downsampling: int = 8) -> Tensor:
    """(B, 1, H, W) to (B, 1, H/8, W/8): a cell with any hole pixel is hole."""
    return F.max_pool2d(mask, downsampling)


def grey_filled(image: Tensor, mask: Tensor) -> Tensor:
    """The picture (0..1) with mid grey in its hole."""
    return image * (1 - mask) + 0.5 * mask


def colour_jitter(image: Tensor, rng: Generator) -> Tensor:
    """The picture with a gain (4 %) and an offset (0.02) of its own per channel."""
    gain = torch.as_tensor(1 + rng.uniform(-GAIN, GAIN, (1, 3, 1, 1)), dtype=image.dtype, device=image.device)
    offset = torch.as_tensor(rng.uniform(-OFFSET, OFFSET, (1, 3, 1, 1)), dtype=image.dtype, device=image.device)
    return (image * gain + offset).clamp(0, 1)


@torch.no_grad()
def training_latents(
    encoder: nn.Module, image: Tensor, mask: Tensor, exact: Tensor, std: Tensor, rngs: Sequence[Generator]
) -> Tensor:
    """Latents of a batch, one generator per sample: exact, noisy or colour-jittered in the hole; kept cells half the
    time those of the picture with a grey hole. `std` (C, 1, 1) is the latents' spread.
    """
    inside, kept = exact.clone(), exact.clone()
    draws = [rng.random() for rng in rngs]
    jittered = [i for i, draw in enumerate(draws) if draw < JITTERED]
    if jittered:
        inside[jittered] = encoder(torch.cat([colour_jitter(image[i : i + 1], rngs[i]) for i in jittered])).float()
    for i, draw in enumerate(draws):
        if JITTERED <= draw < JITTERED + NOISY:
            noise = torch.as_tensor(
                rngs[i].standard_normal(tuple(exact[i].shape)), dtype=exact.dtype, device=exact.device
            )
            inside[i] += float(rngs[i].uniform(*NOISE)) * std * noise
    masked = [i for i, rng in enumerate(rngs) if rng.random() < 0.5 and not bool(mask[i].all())]
    if masked:
        kept[masked] = encoder(grey_filled(image[masked], mask[masked])).float()
    return torch.where(mask_to_cells(mask) > 0, inside, kept)
