"""What is trained when the asymmetric decoder is: pieces of a batch, their loss, and what must hold after each step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import distributed, evaluate, export, losses, sheet
from .config import DecoderConfig
from .discriminator import Adversary, Rules, SmallPatches
from .lanes import Lanes
from .latents import training_latents
from .masks import decoder_mask
from .networks.asymmetric import OWN_BLOCKS, AsymmetricDecoder, from_taef2, hold_identity
from .task import Gradients, Parts, gradients_of, numbers
from .views import Views


@dataclass(frozen=True)
class Piece:
    """Crops (B, 3, S, S) in 0..1, masks (B, 1, S, S), exact latents, and seeds for what is drawn later."""

    image: Tensor
    mask: Tensor
    latents: Tensor
    seeds: tuple[tuple[int, ...], ...]


class DecoderTask:
    """The decoder, its running average, its discriminator if any, and how to train them."""

    columns = ("match", "pixel", "ssim", "gradient", "texture", "adversarial", "matching", "discriminator")

    def __init__(
        self,
        config: DecoderConfig,
        encoder: nn.Module,
        plain: nn.Sequential,
        views: Views,
        held: list[evaluate.Sample],
        warm: bool,
    ) -> None:
        self.config, self.encoder, self.plain, self.views, self.held = config, encoder, plain, views, held
        self.match_share = 0.0 if warm else config.match_share
        self.device = next(encoder.parameters()).device
        torch.manual_seed(config.seed)
        self.network, self.average = from_taef2(plain), from_taef2(plain)
        self.average.load_state_dict(self.network.state_dict())
        for network in (self.network, self.average):
            network.to(self.device, memory_format=torch.channels_last)
        self.average.requires_grad_(False)
        self.network.conv_out.requires_grad_(False)
        rules = Rules(config.adversary_factor, config.adversary_limit, config.feature_matching)
        self.adversary = Adversary(SmallPatches().to(self.device), rules) if config.adversary_begin < 1 else None
        self._std = torch.from_numpy(views.statistics()[1])[:, None, None].to(self.device)

    def optimisers(self) -> list[torch.optim.Optimizer]:
        """New weights at the full rate, those copied from TAEF2 at a lower one, the last convolution not at all (see
        `hold_identity`); the discriminator by itself.
        """
        config = self.config
        copied = {id(p) for module in _copied(self.network) for p in module.parameters()}
        parameters = [p for p in self.network.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in parameters if id(p) not in copied], "peak": config.rate_new},
            {"params": [p for p in parameters if id(p) in copied], "peak": config.rate_copied},
        ]
        result: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(groups, betas=(0.9, 0.95), weight_decay=config.weight_decay)
        ]
        if self.adversary:
            own = [{"params": list(self.adversary.network.parameters()), "peak": config.adversary_rate}]
            own[0]["begin"] = config.adversary_begin
            result.append(torch.optim.Adam(own, betas=(0.5, 0.9)))
        self._parameters = [p for group in groups for p in group["params"]]
        return result

    def pieces(self, step: int) -> list[Piece]:
        """One crop per piece on a CPU, the whole batch in one piece elsewhere."""
        config, singles = self.config, []
        for index in range(config.batch):
            seed = (config.seed, step, index + config.batch * distributed.rank())
            rng = np.random.default_rng(seed)
            at = int(rng.integers(self.views.count))
            image = torch.from_numpy(self.views.images[at]).permute(2, 0, 1)[None].float() / 255
            latents = torch.from_numpy(self.views.latents[at].astype(np.float32))[None]
            mask = torch.from_numpy(decoder_mask(rng, config.crop, config.share_all_hole))[None, None]
            singles.append(Piece(image.contiguous(memory_format=torch.channels_last), mask, latents, ((*seed, 1),)))
        if self.device.type == "cpu":
            return singles
        image = torch.cat([p.image for p in singles]).to(self.device, memory_format=torch.channels_last)
        mask, latents = (torch.cat([getattr(p, k) for p in singles]).to(self.device) for k in ("mask", "latents"))
        return [Piece(image, mask, latents, tuple(p.seeds[0] for p in singles))]

    def gradients(self, piece: Piece, share: float) -> tuple[Gradients, dict[str, float]]:
        """Of the decoder, and of the discriminator once it has begun."""
        rngs = [np.random.default_rng(seed) for seed in piece.seeds]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            z = training_latents(self.encoder, piece.image, piece.mask, piece.latents, self._std, rngs)
            if share < self.match_share:
                parts: Parts = {"match": self._matching(z, piece)}
            elif len(piece.seeds) == 1 and bool(piece.mask.all()):
                y = self.network(z).float()
            else:
                y = self.network(z, piece.image, piece.mask).float()
        if share < self.match_share:
            row, shown = gradients_of(parts, self._parameters)
            return self._with_discriminator(row), shown
        x, y, m = self._inner(piece, y)
        parts = self._reconstruction(x, y, m, (int(rngs[0].integers(8)), int(rngs[0].integers(8))))
        if not self.adversary or share < self.config.adversary_begin:
            row, shown = gradients_of(parts, self._parameters)
            return self._with_discriminator(row), shown
        whole = torch.stack(list(parts.values())).sum()
        parts |= self.adversary.generator_parts(y, x, whole, self.network.stages[-1][-1].conv[-1].weight)
        row, shown = gradients_of(parts, self._parameters)
        hinge = {"discriminator": self.adversary.discriminator_loss(y, x)}
        own, _ = gradients_of(hinge, list(self.adversary.network.parameters()))
        return row + own, shown | numbers(hinge)

    @torch.no_grad()
    def after_step(self) -> None:
        """Kept pixels come back exactly, whatever the step did to the branch's first convolution."""
        hold_identity(self.network)
        if self.adversary:
            self.adversary.network.update()

    def extra_state(self) -> dict[str, Tensor]:
        """The discriminator."""
        return self.adversary.network.state_dict() if self.adversary else {}

    def load_extra_state(self, state: dict[str, Tensor]) -> None:
        if self.adversary:
            self.adversary.network.load_state_dict(state)

    def finished(self) -> AsymmetricDecoder:
        """The averaged weights, as they are evaluated and written."""
        hold_identity(self.average)
        return self.average

    def evaluate(self, lanes: Lanes) -> dict[str, float]:
        """Held-out figures of the averaged weights."""
        return evaluate.decoder_figures(self.encoder, self.plain, self.finished(), self.held, lanes)

    def sheet(self, path: Path) -> None:
        sheet.decoder_sheet(path, self.encoder, self.plain, self.finished(), self.held[:8])

    def export(self, folder: Path) -> None:
        export.save_decoder(self.finished(), folder)

    def _with_discriminator(self, row: Gradients) -> Gradients:
        return row + [None for _ in self.adversary.network.parameters()] if self.adversary else row

    def _matching(self, z: Tensor, piece: Piece) -> Tensor:
        """The branch's features against the plain path's own, on kept cells, each level by its own spread."""
        with torch.no_grad():
            own = [h.float() for h in self.network.decode(z, None, None)[1]]
        features = self.network.branch(piece.image, piece.mask)
        total = z.new_zeros(())
        for target, feature in zip(own[:4], features[:0:-1], strict=True):
            kept = 1 - nn.functional.max_pool2d(piece.mask, piece.mask.shape[-1] // target.shape[-1])
            error = ((feature.float() - target) ** 2 * kept).sum() / (kept.sum() * target.shape[1] + 1)
            total = total + error / target.var().clamp_min(1e-4)
        return total / 4

    def _inner(self, piece: Piece, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Original, result and mask without the crop's rim. Kept pixels away from the hole are exact by construction:
        only rounding is left there, and no loss shall see it.
        """
        x, m = piece.image, piece.mask
        y = torch.where(nn.functional.max_pool2d(m, 5, stride=1, padding=2) > 0, y, x)
        inner = slice(self.config.border, self.config.crop - self.config.border)
        return x[..., inner, inner], y[..., inner, inner], m[..., inner, inner]

    def _reconstruction(self, x: Tensor, y: Tensor, m: Tensor, offset: tuple[int, int]) -> Parts:
        config = self.config
        weight = losses.rim_weight(m, config.rim_wide, config.rim_inner, config.rim_outer)
        return {
            "pixel": losses.charbonnier(y, x, weight),
            "ssim": config.loss_ssim * losses.ms_ssim_loss(y, x),
            "gradient": config.loss_gradient * losses.gradient(y, x),
            "texture": config.loss_texture * losses.texture(y, x, offset),
        }


def _copied(network: AsymmetricDecoder) -> list[nn.Module]:
    own = [block for level, stage in enumerate(network.stages) for block in stage[: OWN_BLOCKS[level]]]
    return [network.conv_in, network.ups, *own]
