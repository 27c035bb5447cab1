"""The asymmetric decoder, size S: TAEF2's decoder, deepened, with a conditional branch ("Designing a Better Asymmetric
VQGAN for StableDiffusion", Zhu et al. 2023).

The branch sees the original picture outside the mask. At five places its features *replace* the decoder's wherever the
mask says "keep" (m = 0). Polarity: m = 1 is hole. With m = 1 everywhere the picture has no influence at all, and before
training the output is TAEF2's, bit for bit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .taef2 import CHANNELS, LATENT_CHANNELS, Block, Squash

#: Blocks added after TAEF2's own, from H/8 to H.
EXTRA_BLOCKS = (3, 3, 2, 1)
#: TAEF2's own blocks, from H/8 to H.
OWN_BLOCKS = (3, 3, 3, 1)


class Branch(nn.Module):
    """Picture and mask to five feature maps, f0 (H) to f4 (H/8), each 64 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(4, CHANNELS, 3, padding=1),
                nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1),
                nn.Conv2d(CHANNELS, CHANNELS, 4, stride=2, padding=1),
                nn.Conv2d(CHANNELS, CHANNELS, 4, stride=2, padding=1),
                nn.Conv2d(CHANNELS, CHANNELS, 4, stride=2, padding=1),
            ]
        )
        self.blocks = nn.ModuleList([Block().make_identity() for _ in range(3)])

    def forward(self, image: Tensor, mask: Tensor) -> list[Tensor]:
        x = torch.cat([(image - 0.5) * (1 - mask), mask], dim=1)
        features = [self.convs[0](x)]
        features.append(self.convs[1](torch.relu(features[0])))
        for conv, block in zip(self.convs[2:], self.blocks, strict=True):
            features.append(block(torch.relu(conv(torch.relu(features[-1])))))
        return features


class AsymmetricDecoder(nn.Module):
    """Latents (B, 32, h, w), original picture (B, 3, 8h, 8w) in 0..1, mask (B, 1, 8h, 8w) of 0 and 1 to a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.squash = Squash()
        self.conv_in = nn.Conv2d(LATENT_CHANNELS, CHANNELS, 3, padding=1)
        self.stages = nn.ModuleList(
            [
                nn.ModuleList(
                    [Block(pooled=level == 0) for _ in range(OWN_BLOCKS[level])]
                    + [Block().make_identity() for _ in range(EXTRA_BLOCKS[level])]
                )
                for level in range(4)
            ]
        )
        self.ups = nn.ModuleList([nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False) for _ in range(3)])
        self.conv_out = nn.Conv2d(CHANNELS, 3, 3, padding=1)
        self.branch = Branch()

    def forward(self, z: Tensor, image: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        features = self.branch(image, mask) if image is not None and mask is not None else None
        return self.decode(z, features, mask)[0]

    def decode(self, z: Tensor, features: list[Tensor] | None, mask: Tensor | None) -> tuple[Tensor, list[Tensor]]:
        """Decodes; also returns the decoder's own features at the five merges, f4's place first."""
        own: list[Tensor] = []

        def merge(h: Tensor, index: int) -> Tensor:
            own.append(h)
            if features is None or mask is None:
                return h
            # Any hole pixel makes the coarse cell a hole: a thin hole must not vanish at H/8.
            hole = mask if h.shape[-1] == mask.shape[-1] else F.max_pool2d(mask, mask.shape[-1] // h.shape[-1])
            return torch.where(hole > 0, h, features[index].to(h.dtype))

        h = merge(torch.relu(self.conv_in(self.squash(z))), 4)
        for level in range(4):
            for block in self.stages[level]:
                h = block(h)
            if level < 3:
                h = self.ups[level](F.interpolate(h, scale_factor=2, mode="nearest"))
                h = merge(h, 3 - level)
        h = merge(h, 0)
        return self.conv_out(h), own


def from_taef2(decoder: nn.Sequential) -> AsymmetricDecoder:
    """A decoder that starts as TAEF2's, with the branch's first convolution solved so that kept pixels come back."""
    network = AsymmetricDecoder()
    position = 3
    network.conv_in.load_state_dict(decoder[1].state_dict())
    for level in range(4):
        for index in range(OWN_BLOCKS[level]):
            network.stages[level][index].load_state_dict(decoder[position + index].state_dict())
        position += OWN_BLOCKS[level] + 1
        if level < 3:
            network.ups[level].load_state_dict(decoder[position].state_dict())
            position += 1
    network.conv_out.load_state_dict(decoder[19].state_dict())
    hold_identity(network)
    return network


@torch.no_grad()
def hold_identity(network: AsymmetricDecoder) -> None:
    """Moves the branch's first convolution by as little as can be, so that the last one after it is the identity.

    Every tap (ey, ex) of the last convolution, a matrix of 3x64, must make of every tap of the first one zero; only the
    centre after the centre makes the picture again. These are 27 equations for the 64 numbers that one input channel
    has in one tap, so there is always an exact solution, and 37 directions stay free for the rest of the branch. As it
    holds tap by tap, a kept pixel is spoilt by nothing but hole pixels next to it: the rest comes back exactly.

    The last convolution must stay as it is in training. With a moving one each correction, made large by the smallest
    singular values, is left behind where the next one does not see it, and the first convolution grows without end.
    """
    first, last = network.branch.convs[0], network.conv_out
    rows = last.weight.double().permute(2, 3, 0, 1).reshape(27, CHANNELS)
    centre = 4 * 3
    inverse = torch.linalg.pinv(rows)
    weight = first.weight.double().permute(1, 2, 3, 0)
    target = weight.new_zeros(*weight.shape[:3], 27)
    for channel in range(3):
        target[channel, 1, 1, centre + channel] = 1
    weight = weight + (target - weight @ rows.T) @ inverse.T
    first.weight.copy_(weight.permute(3, 0, 1, 2))
    # The 0.5 that was taken off the picture, less the last bias, comes back through the bias, at the centre alone.
    bias = first.bias.double()
    constant = bias.new_zeros(27)
    constant[centre : centre + 3] = 0.5 - last.bias.double()
    first.bias.copy_(bias + inverse @ (constant - rows @ bias))
