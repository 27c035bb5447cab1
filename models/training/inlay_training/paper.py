"""The paper's own training (Zhu et al. 2023, section 3 of its code's configuration), on the SD 1.x autoencoder.

Loss per picture: the sum over pixels and channels of |x - y| + LPIPS, divided by the batch; after a start step, hinge
adversarial loss with the adaptive weight. Masks: half all hole, half thick strokes and boxes. Adam 0.5/0.9, no decay,
no clipping. The latent is a posterior sample of the whole picture's encoding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import distributed, export, metrics, sheet
from .config import PaperConfig
from .data import Photo, pick, random_square, read
from .discriminator import Adversary, PaperPatches, Rules
from .evaluate import Sample
from .lanes import Lanes
from .masks import paper_mask
from .networks.sd1 import SIZES, Autoencoder, Size
from .perceptual import Perceptual
from .task import Gradients, gradients_of, numbers


@dataclass(frozen=True)
class Piece:
    """Pictures (B, 3, S, S) in -1..1, masks (B, 1, S, S), and noise for the posterior."""

    image: Tensor
    mask: Tensor
    noise: Tensor


def build(config: PaperConfig, conditional: bool = True) -> Autoencoder:
    """The autoencoder of a configuration, all weights random."""
    size, divisor = SIZES[config.size], config.width_divisor
    return Autoencoder(Size(size.width // divisor, size.blocks), conditional, 128 // divisor)


class PaperTask:
    """The paper's decoder in training. `weights` are the SD 1.x autoencoder's, with diffusers' names."""

    columns = ("pixel", "perceptual", "adversarial", "discriminator")

    def __init__(
        self,
        config: PaperConfig,
        weights: dict[str, Tensor],
        perceptual: Perceptual,
        photos: list[Photo],
        held: list[Sample],
        device: str = "cpu",
    ) -> None:
        self.config, self.photos, self.held, self.device = config, photos, held, torch.device(device)
        torch.manual_seed(config.seed)
        whole = build(config)
        own = whole.state_dict()
        usable = {
            key: value
            for key, value in weights.items()
            if not key.startswith("decoder.") or (config.copy_decoder and key in own)
        }
        missing = whole.load_state_dict({k: v.float() for k, v in usable.items()}, strict=False).missing_keys
        allowed = "decoder.condition_encoder." if config.copy_decoder else "decoder."
        wrong = [key for key in missing if not key.startswith(allowed)]
        if wrong:
            raise SystemExit(f"The autoencoder's file lacks {len(wrong)} tensors, for one {wrong[0]}.")
        self._copied = {f"decoder.{key.removeprefix('decoder.')}" for key in usable} & set(own)
        whole.to(self.device).requires_grad_(False)
        self.frozen, self.network = whole, whole.decoder.requires_grad_(True)
        self.average = self.network
        self.perceptual = perceptual.to(self.device)
        patches = PaperPatches(64 // config.width_divisor).to(self.device)
        self.adversary = Adversary(patches, Rules(config.adversary_factor, config.adversary_limit, 0.0))

    def optimisers(self) -> list[torch.optim.Optimizer]:
        """Branch at the full rate, copied weights at a part of it, and the discriminator from its start step on."""
        config = self.config
        peak = config.rate_per_sample * config.batch * distributed.world()
        named = list(self.network.named_parameters())
        new = [p for key, p in named if f"decoder.{key}" not in self._copied]
        old = [p for key, p in named if f"decoder.{key}" in self._copied]
        groups = [{"params": new, "peak": peak}]
        if old:
            groups.append({"params": old, "peak": peak * config.copied_rate_factor})
        own = {
            "params": list(self.adversary.network.parameters()),
            "peak": peak,
            "begin": (config.adversary_begin_step - 1) / config.steps,
        }
        self._parameters = new + old
        return [torch.optim.Adam(groups, betas=(0.5, 0.9)), torch.optim.Adam([own], betas=(0.5, 0.9))]

    def pieces(self, step: int) -> list[Piece]:
        """The whole batch: batch norm must see it together."""
        config = self.config
        images, masks, noises = [], [], []
        for index in range(config.batch):
            rng = np.random.default_rng((config.seed, step, index + config.batch * distributed.rank()))
            crop = random_square(read(pick(self.photos, rng).path), config.crop, rng)
            images.append(torch.from_numpy(crop).permute(2, 0, 1).float() / 127.5 - 1)
            masks.append(torch.from_numpy(paper_mask(rng, config.crop, config.share_all_hole))[None])
            shape = (4, config.crop // 8, config.crop // 8)
            noises.append(torch.from_numpy(rng.standard_normal(shape, dtype=np.float32)))
        return [Piece(*(torch.stack(part).to(self.device) for part in (images, masks, noises)))]

    def gradients(self, piece: Piece, share: float) -> tuple[Gradients, dict[str, float]]:
        config, x = self.config, piece.image
        y = self.frozen.decode(self.frozen.encode(x, piece.noise), x, piece.mask)
        count = x[0].numel()
        parts = {
            "pixel": (y - x).abs().sum() / x.shape[0],
            "perceptual": count * self.perceptual(y, x).sum() / x.shape[0],
        }
        discriminator = list(self.adversary.network.parameters())
        if share * config.steps < config.adversary_begin_step - 1:
            row, shown = gradients_of(parts, self._parameters)
            return [*row, *(None for _ in discriminator)], shown
        reconstruction = torch.stack(list(parts.values())).sum()
        parts |= self.adversary.generator_parts(y, x, reconstruction, self.network.conv_out.weight)
        row, shown = gradients_of(parts, self._parameters)
        hinge = {"discriminator": self.adversary.discriminator_loss(y, x)}
        own, _ = gradients_of(hinge, discriminator)
        return row + own, shown | numbers(hinge)

    def after_step(self) -> None:
        """Nothing has to hold."""

    def extra_state(self) -> dict[str, Tensor]:
        """The discriminator, batch statistics and all."""
        return self.adversary.network.state_dict()

    def load_extra_state(self, state: dict[str, Tensor]) -> None:
        self.adversary.network.load_state_dict(state)

    @torch.no_grad()
    def evaluate(self, lanes: Lanes) -> dict[str, float]:
        """Held-out mean squares (0..1): kept pixels of the raw decode, the hole, and all without a mask."""
        sums: dict[str, list[float]] = {"preservation": [], "hole": [], "nomask": []}
        for sample in self.held:
            x, m = sample.image.to(self.device), sample.mask.to(self.device)
            z = self._encode(x)
            y = ((self.frozen.decode(z, 2 * x - 1, m) + 1) / 2).clamp(0, 1)
            free = ((self.frozen.decode(z) + 1) / 2).clamp(0, 1)
            sums["preservation"].append(metrics.mean_square(y, x, 1 - m))
            sums["hole"].append(metrics.mean_square(y, x, m))
            sums["nomask"].append(metrics.mean_square(free, x, torch.ones_like(m)))
        mean = {key: float(np.nanmean(values)) for key, values in sums.items()}
        return mean | {f"{key}.psnr": -10 * math.log10(value) for key, value in mean.items()}

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        """Original, hole, the decoder as it is, its difference eight times."""
        rows = []
        for sample in self.held[:8]:
            x, m = sample.image.to(self.device), sample.mask.to(self.device)
            y = (self.frozen.decode(self._encode(x), 2 * x - 1, m) + 1) / 2
            rows.append([x, x * (1 - m) + 0.5 * m, y, (y - x).abs() * 8])
        sheet.save_tiles(path, rows)

    def export(self, folder: Path) -> None:
        """The whole autoencoder with diffusers' names."""
        export.save_paper(self.frozen, folder, self.config)

    def _encode(self, x: Tensor) -> Tensor:
        shape = (x.shape[0], 4, x.shape[2] // 8, x.shape[3] // 8)
        return self.frozen.encode(2 * x - 1, torch.zeros(shape, device=x.device))
