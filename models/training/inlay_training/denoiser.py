"""What is trained when the denoiser is: pairs from the cache, rectified flow, and a look at held-out pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import distributed, export, flow, metrics, sheet
from .config import DenoiserConfig
from .lanes import Lanes
from .latents import grey_filled
from .networks.denoiser import Denoiser
from .pairs import Pairs, cells
from .task import Gradients, gradients_of

#: Times at which the held-out loss is taken.
HELD_TIMES = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Piece:
    """Standardised latents and conditions (B, C, h, w), masks in cells (B, 1, h, w), noise, and times (B,)."""

    clean: Tensor
    condition: Tensor
    hole: Tensor
    noise: Tensor
    times: Tensor


class DenoiserTask:
    """The denoiser, its running average, and how to train them."""

    columns = ("hole", "kept")

    def __init__(self, config: DenoiserConfig, plain: nn.Module, pairs: Pairs, held: Pairs) -> None:
        self.config, self.plain, self.pairs, self.held = config, plain, pairs, held
        self.device = next(plain.parameters()).device
        self.network, self.average = self._build(config.dropout), self._build(0.0)
        self.average.load_state_dict(self.network.state_dict())
        self.average.requires_grad_(False)
        mean, std = pairs.statistics()
        self.mean, self.std = (torch.from_numpy(v)[None, :, None, None].to(self.device) for v in (mean, std))

    def optimisers(self) -> list[torch.optim.Optimizer]:
        config = self.config
        self._parameters = list(self.network.parameters())
        group = {"params": self._parameters, "peak": config.rate}
        return [torch.optim.AdamW([group], betas=(0.9, 0.99), weight_decay=config.weight_decay)]

    def pieces(self, step: int) -> list[Piece]:
        """The batch cut in four on a CPU, whole elsewhere."""
        config = self.config
        rng = np.random.default_rng((config.seed, step, distributed.rank()))
        torch.manual_seed(int(rng.integers(2**31)))
        at = rng.integers(self.pairs.count, size=config.batch)
        number = rng.integers(self.pairs.masks_each, size=config.batch)
        clean = self._standard(self.pairs.latents[at])
        condition = self._standard(self.pairs.conditions[at, number])
        hole = torch.cat([cells(self.pairs.masks[i, k]) for i, k in zip(at, number, strict=True)]).to(self.device)
        noise = torch.from_numpy(rng.standard_normal(tuple(clean.shape), dtype=np.float32)).to(self.device)
        times = flow.draw_times(rng, config.batch).to(self.device)
        whole = Piece(clean, condition, hole, noise, times)
        if self.device.type != "cpu":
            return [whole]
        count = min(4, config.batch)
        fields = [tensor.chunk(count) for tensor in (clean, condition, hole, noise, times)]
        return [Piece(*part) for part in zip(*fields, strict=True)]

    def gradients(self, piece: Piece, share: float) -> tuple[Gradients, dict[str, float]]:
        noisy = flow.mix(piece.clean, piece.noise, piece.times)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            predicted = self.network(noisy, piece.times, piece.hole, piece.condition)
        inside, outside = flow.loss(predicted.float(), piece.clean, piece.noise, piece.hole, self.config.kept_weight)
        return gradients_of({"hole": inside, "kept": outside}, self._parameters)

    def after_step(self) -> None:
        """Nothing has to hold."""

    def extra_state(self) -> dict[str, Tensor]:
        """The latents' statistics, which the weights depend on."""
        return {"mean": self.mean, "std": self.std}

    def load_extra_state(self, state: dict[str, Tensor]) -> None:
        self.mean, self.std = state["mean"].to(self.device), state["std"].to(self.device)

    @torch.no_grad()
    def evaluate(self, lanes: Lanes) -> dict[str, float]:
        """Held-out loss in the hole at four times, and PSNR in the hole of what is drawn from one seed, decoded by the
        plain decoder; the same for the condition alone. Blur wins PSNR: look at the sheet.
        """
        count = min(self.held.count, self.config.evaluate_samples)
        rows = lanes.map(self._figures, range(count))
        mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
        return mean | {f"{key}.psnr": -10 * math.log10(value) for key, value in mean.items() if "pixels" in key}

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        """One row each: original, hole, the condition's picture, and two seeds pasted into the original."""
        rows = []
        for index in range(min(self.held.count, 8)):
            x, m = self._picture(index)
            drawn = [metrics.paste(self._decode(self.draw(index, seed)), x, m) for seed in (0, 1)]
            condition = self._decode(self._standard(self.held.conditions[index, :1]))
            rows.append([x, grey_filled(x, m), condition, *drawn])
        sheet.save_tiles(path, rows)

    def export(self, folder: Path) -> None:
        statistics = {"latent_mean": self.mean.flatten().tolist(), "latent_std": self.std.flatten().tolist()}
        export.save_denoiser(self.average, folder, self.config, statistics)

    @torch.no_grad()
    def draw(self, index: int, seed: int) -> Tensor:
        """Standardised latents for the held-out pair `index` (its first mask)."""
        clean, condition, hole = self._held_pair(index)
        noise = np.random.default_rng((seed, index)).standard_normal(tuple(clean.shape), dtype=np.float32)
        self.average.eval()
        return flow.sample(
            lambda x, t: self.average(x, t, hole, condition),
            condition,
            hole,
            torch.from_numpy(noise).to(self.device),
            self.config.sampling_steps,
            self.config.sampling_start,
        )

    def _figures(self, index: int) -> dict[str, float]:
        clean, condition, hole = self._held_pair(index)
        noise = np.random.default_rng((9, index)).standard_normal(tuple(clean.shape), dtype=np.float32)
        e = torch.from_numpy(noise).to(self.device)
        self.average.eval()
        total = 0.0
        for value in HELD_TIMES:
            t = torch.full((1,), value, device=self.device)
            predicted = self.average(flow.mix(clean, e, t), t, hole, condition)
            total += float(flow.loss(predicted, clean, e, hole, 0.0)[0]) / len(HELD_TIMES)
        x, m = self._picture(index)
        drawn, given = self._decode(self.draw(index, 0)), self._decode(condition)
        return {
            "loss": total,
            "pixels.drawn": metrics.mean_square(drawn, x, m),
            "pixels.condition": metrics.mean_square(given, x, m),
        }

    def _build(self, dropout: float) -> Denoiser:
        torch.manual_seed(self.config.seed)
        config = self.config
        network = Denoiser(self.plain_channels(), config.widths, config.groups, dropout, config.prior_spread)
        return network.to(self.device, memory_format=torch.channels_last)

    def plain_channels(self) -> int:
        """Channels of a latent."""
        return int(self.pairs.latents.shape[1])

    def _held_pair(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        clean = self._standard(self.held.latents[index : index + 1])
        condition = self._standard(self.held.conditions[index, :1])
        return clean, condition, cells(self.held.masks[index, 0]).to(self.device)

    def _picture(self, index: int) -> tuple[Tensor, Tensor]:
        image = torch.from_numpy(self.held.images[index]).to(self.device).permute(2, 0, 1)[None].float() / 255
        mask = torch.from_numpy(self.held.masks[index, 0].astype(np.float32)).to(self.device)[None, None]
        return image, mask

    def _standard(self, latents: np.ndarray) -> Tensor:
        return (torch.from_numpy(latents.astype(np.float32)).to(self.device) - self.mean) / self.std

    def _decode(self, standard: Tensor) -> Tensor:
        return self.plain(standard * self.std + self.mean).clamp(0, 1)
