"""The Stable Diffusion 1.x autoencoder, and the paper's decoder for it (diffusers' key names).

Pictures are -1..1, latents have 4 channels at an eighth of the size and are not scaled. The encoder and both 1x1
convolutions around the latent are frozen; the decoder has a conditional branch and five merges. Mask: 1 is hole.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Size:
    """Channels at full resolution, and residual blocks of a level less one."""

    width: int
    blocks: int


SIZES = {"base": Size(128, 2), "x-1-5": Size(192, 3), "x-2": Size(256, 5)}
MULTIPLIERS = (1, 2, 4, 4)


def _norm(width: int) -> nn.GroupNorm:
    return nn.GroupNorm(min(32, width), width, eps=1e-6)


class Resnet(nn.Module):
    """norm, SiLU, conv, twice, and a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = _norm(inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2, self.conv2 = _norm(outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))
        return h + (x if self.conv_shortcut is None else self.conv_shortcut(x))


class Attention(nn.Module):
    """One head over all cells."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.group_norm = _norm(width)
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor) -> Tensor:
        h = self.group_norm(x).flatten(2).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(self.to_q(h), self.to_k(h), self.to_v(h))
        return x + self.to_out[0](mixed).transpose(1, 2).reshape(x.shape)


class Middle(nn.Module):
    """Block, attention, block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(width, width), Resnet(width, width)])
        self.attentions = nn.ModuleList([Attention(width)])

    def forward(self, x: Tensor) -> Tensor:
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))


class Sampler(nn.Module):
    """A resampling convolution, which diffusers keeps in a module of its own."""

    def __init__(self, width: int, down: bool) -> None:
        super().__init__()
        self.down = down
        self.conv = nn.Conv2d(width, width, 3, stride=2) if down else nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        if self.down:
            return self.conv(F.pad(x, (0, 1, 0, 1)))
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class Level(nn.Module):
    """The blocks of one resolution; `samplers` names where its resampling is kept, if there is any."""

    def __init__(self, inputs: int, outputs: int, blocks: int, samplers: str | None) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(inputs if i == 0 else outputs, outputs) for i in range(blocks)])
        self.samplers = samplers
        if samplers:
            setattr(self, samplers, nn.ModuleList([Sampler(outputs, samplers == "downsamplers")]))

    def forward(self, x: Tensor) -> Tensor:
        for resnet in self.resnets:
            x = resnet(x)
        return getattr(self, self.samplers)[0](x) if self.samplers else x


class Encoder(nn.Module):
    """(B, 3, H, W) to (B, 8, H/8, W/8): mean and log variance."""

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        widths = [width * factor for factor in MULTIPLIERS]
        self.conv_in = nn.Conv2d(3, width, 3, padding=1)
        inputs = [width, *widths[:-1]]
        self.down_blocks = nn.ModuleList(
            [Level(inputs[i], widths[i], 2, "downsamplers" if i < 3 else None) for i in range(4)]
        )
        self.mid_block = Middle(widths[-1])
        self.conv_norm_out = _norm(widths[-1])
        self.conv_out = nn.Conv2d(widths[-1], 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv_in(x)
        for level in self.down_blocks:
            h = level(h)
        return self.conv_out(F.silu(self.conv_norm_out(self.mid_block(h))))


class ConditionEncoder(nn.Module):
    """The branch: the picture outside the mask to five maps, before the ReLU of each layer."""

    def __init__(self, width: int) -> None:
        super().__init__()
        outputs = [width, 2 * width, 4 * width, 4 * width, 4 * width]
        pairs = list(zip([3, *outputs[:-1]], outputs, strict=True))
        self.layers = nn.ModuleList(
            [
                nn.Conv2d(a, b, 3, padding=1) if i < 2 else nn.Conv2d(a, b, 4, stride=2, padding=1)
                for i, (a, b) in enumerate(pairs)
            ]
        )

    def forward(self, masked: Tensor) -> list[Tensor]:
        features = [self.layers[0](masked)]
        for layer in self.layers[1:]:
            features.append(layer(F.relu(features[-1])))
        return features


class ConditionalDecoder(nn.Module):
    """Latents (after `post_quant_conv`), picture and mask to a picture. Without them it is a plain decoder."""

    def __init__(self, size: Size, conditional: bool = True) -> None:
        super().__init__()
        widths = [size.width * factor for factor in reversed(MULTIPLIERS)]
        self.conv_in = nn.Conv2d(4, widths[0], 3, padding=1)
        self.mid_block = Middle(widths[0])
        inputs = [widths[0], *widths[:-1]]
        self.up_blocks = nn.ModuleList(
            [Level(inputs[i], widths[i], size.blocks + 1, "upsamplers" if i < 3 else None) for i in range(4)]
        )
        self.conv_norm_out = _norm(size.width)
        self.conv_out = nn.Conv2d(size.width, 3, 3, padding=1)
        self.condition_encoder = ConditionEncoder(size.width) if conditional else None

    def forward(self, z: Tensor, image: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        features = None
        if self.condition_encoder is not None and image is not None and mask is not None:
            features = self.condition_encoder(image * (1 - mask))

        def merge(h: Tensor, index: int) -> Tensor:
            if features is None or mask is None:
                return h
            return torch.where(F.interpolate(mask, h.shape[-2:]) > 0.5, h, features[index].to(h.dtype))

        h = merge(self.mid_block(self.conv_in(z)), 4)
        for index, level in enumerate(self.up_blocks):
            # Features f3, f2, f1 follow the three upsamplings; f0 follows the last level.
            h = merge(level(h), 3 - index)
        return self.conv_out(F.silu(self.conv_norm_out(h)))


class Autoencoder(nn.Module):
    """The frozen half (`encoder`, `quant_conv`, `post_quant_conv`) and a decoder."""

    def __init__(self, size: Size, conditional: bool = True, encoder_width: int = 128) -> None:
        super().__init__()
        self.encoder = Encoder(encoder_width)
        self.quant_conv = nn.Conv2d(8, 8, 1)
        self.post_quant_conv = nn.Conv2d(4, 4, 1)
        self.decoder = ConditionalDecoder(size, conditional)

    @torch.no_grad()
    def encode(self, image: Tensor, noise: Tensor) -> Tensor:
        """A sample of the posterior, (B, 4, H/8, W/8)."""
        mean, log_variance = self.quant_conv(self.encoder(image)).chunk(2, dim=1)
        return mean + torch.exp(0.5 * log_variance.clamp(-30, 20)) * noise

    def decode(self, z: Tensor, image: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Latents to a picture, about -1..1."""
        return self.decoder(self.post_quant_conv(z), image, mask)


def rename_old_attention(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Older files call the attention's layers query, key, value and proj_attn; new ones as here."""
    names = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}
    result = {}
    for key, value in weights.items():
        for old, new in names.items():
            key = key.replace(old, new) if ".attentions." in key else key
        result[key] = value.flatten(1) if ".attentions." in key and value.dim() == 4 else value
    return result
