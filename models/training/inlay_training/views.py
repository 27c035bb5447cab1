"""A cache of crops with their latents, so that the frozen encoder is paid once and not at every step.

A folder holds `images.npy` (N, S, S, 3) 8 bit and `latents.npy` (N, C, S/8, S/8) float16, mapped and not read, and
`done.txt`, the number that are ready: an interrupted build goes on there. The folder's name is a digest of all that the
content depends on.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .data import Photo, pick, random_crop, read
from .lanes import Lanes

BLOCK = 32


class Views:
    """`count` crops of `side` pixels from `photos`, encoded by `encoder`."""

    def __init__(self, folder: Path, photos: list[Photo], encoder: nn.Module, side: int, count: int, seed: int) -> None:
        names = "\n".join(photo.path.name for photo in photos)
        weights = float(sum(value.double().abs().sum() for value in encoder.state_dict().values()))
        digest = hashlib.sha256(f"{side} {count} {seed} {weights:.9e}\n{names}".encode()).hexdigest()[:16]
        self.folder = folder / f"views-{digest}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.photos, self.encoder, self.side, self.count, self.seed = photos, encoder, side, count, seed
        device = next(encoder.parameters()).device
        with torch.no_grad():
            shape = tuple(encoder(torch.zeros(1, 3, side, side, device=device)).shape[1:])
        self.images = self._map("images.npy", np.uint8, (count, side, side, 3))
        self.latents = self._map("latents.npy", np.float16, (count, *shape))
        self._device = device

    def build(self, lanes: Lanes) -> None:
        """Makes what is missing, and says how far it is."""
        marker = self.folder / "done.txt"
        done = int(marker.read_text()) if marker.exists() else 0
        while done < self.count:
            block = range(done, min(self.count, done + BLOCK))
            lanes.map(self._make, block)
            self.images.flush()
            self.latents.flush()
            done = block.stop
            marker.write_text(str(done))
            if done % 512 == 0 or done == self.count:
                print(f"crops encoded: {done} of {self.count}", flush=True)

    def statistics(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the latents, per channel."""
        sample = self.latents[:: max(1, self.count // 1000)].astype(np.float32)
        return sample.mean(axis=(0, 2, 3)), sample.std(axis=(0, 2, 3))

    @torch.no_grad()
    def _make(self, index: int) -> None:
        rng = np.random.default_rng((self.seed, 1, index))
        crop = random_crop(read(pick(self.photos, rng).path), self.side, rng)
        image = torch.from_numpy(crop).to(self._device).permute(2, 0, 1)[None].float() / 255
        self.images[index] = crop
        self.latents[index] = self.encoder(image)[0].float().cpu().numpy().astype(np.float16)

    def _map(self, name: str, kind: type, shape: tuple[int, ...]) -> np.memmap:
        path = self.folder / name
        if not path.exists():
            np.lib.format.open_memmap(path, "w+", kind, shape).flush()
        return np.lib.format.open_memmap(path, "r+")
