"""A cache of crops for the denoiser: exact latents, and for each of a few masks the latents of the picture with its
hole filled, by grey or by the product's own patch fill.

Patch fills are made once, outside: `write_pictures` puts `NNNNNN.png` and `NNNNNN-K-mask.png` (white is hole) in a
folder, the product adds `NNNNNN-K-filled.png`, and the cache reads those.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .data import Photo, pick, random_crop, read
from .lanes import Lanes
from .latents import grey_filled, mask_to_cells
from .masks import Mask, denoiser_mask

BLOCK = 16


def picture(photos: list[Photo], side: int, seed: int, index: int) -> np.ndarray:
    """Crop number `index`, (side, side, 3) 8 bit."""
    rng = np.random.default_rng((seed, 2, index))
    return random_crop(read(pick(photos, rng).path), side, rng)


def hole(side: int, seed: int, index: int, number: int) -> Mask:
    """Mask `number` of crop `index`."""
    return denoiser_mask(np.random.default_rng((seed, 3, index, number)), side)


def write_pictures(folder: Path, photos: list[Photo], side: int, count: int, masks_each: int, seed: int) -> None:
    """The crops and masks as PNG, for the product to fill."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.fromarray(picture(photos, side, seed, index)).save(folder / f"{index:06d}.png", compress_level=1)
        for number in range(masks_each):
            plane = (hole(side, seed, index, number) * 255).astype(np.uint8)
            Image.fromarray(plane).save(folder / f"{index:06d}-{number}-mask.png")


class Pairs:
    """`latents` (N, C, h, w) and `conditions` (N, K, C, h, w) in float16, `masks` (N, K, S, S) in 8 bit, all mapped."""

    def __init__(
        self,
        folder: Path,
        photos: list[Photo],
        encoder: nn.Module,
        side: int,
        count: int,
        masks_each: int,
        seed: int,
        filled: Path | None = None,
    ) -> None:
        self.count, self.masks_each = count, masks_each
        self._photos, self._encoder, self._side, self._seed, self._filled = photos, encoder, side, seed, filled
        self._device = next(encoder.parameters()).device
        text = "\n".join([f"{side} {count} {masks_each} {seed} {filled is not None}", *(p.path.name for p in photos)])
        self.folder = folder / f"pairs-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        self.folder.mkdir(parents=True, exist_ok=True)
        with torch.no_grad():
            shape = tuple(encoder(torch.zeros(1, 3, side, side, device=self._device)).shape[1:])
        self.images = self._map("images.npy", np.uint8, (count, side, side, 3))
        self.masks = self._map("masks.npy", np.uint8, (count, masks_each, side, side))
        self.latents = self._map("latents.npy", np.float16, (count, *shape))
        self.conditions = self._map("conditions.npy", np.float16, (count, masks_each, *shape))

    def build(self, lanes: Lanes) -> None:
        """Makes what is missing, and says how far it is."""
        marker = self.folder / "done.txt"
        done = int(marker.read_text()) if marker.exists() else 0
        while done < self.count:
            block = range(done, min(self.count, done + BLOCK))
            lanes.map(self._make, block)
            for plane in (self.images, self.masks, self.latents, self.conditions):
                plane.flush()
            done = block.stop
            marker.write_text(str(done))
            if done % (BLOCK * 8) == 0 or done == self.count:
                print(f"pairs encoded: {done} of {self.count}", flush=True)

    def statistics(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the exact latents, per channel."""
        part = self.latents[:: max(1, self.count // 500)].astype(np.float32)
        return part.mean(axis=(0, 2, 3)), part.std(axis=(0, 2, 3))

    @torch.no_grad()
    def _make(self, index: int) -> None:
        crop = picture(self._photos, self._side, self._seed, index)
        image = self._tensor(crop)
        self.images[index] = crop
        self.latents[index] = self._encode(image)
        for number in range(self.masks_each):
            plane = hole(self._side, self._seed, index, number)
            self.masks[index, number] = plane.astype(np.uint8)
            mask = torch.from_numpy(plane).to(self._device)[None, None]
            self.conditions[index, number] = self._encode(self._with_hole(image, mask, index, number))

    def _with_hole(self, image: Tensor, mask: Tensor, index: int, number: int) -> Tensor:
        if self._filled is None:
            return grey_filled(image, mask)
        path = self._filled / f"{index:06d}-{number}-filled.png"
        if not path.exists():
            # A picture that is all hole has nothing to be filled from.
            if bool(mask.all()):
                return grey_filled(image, mask)
            raise SystemExit(f'{path} is missing: fill the pairs first (see README, "Pairs").')
        return self._tensor(np.array(Image.open(path).convert("RGB")))

    def _encode(self, image: Tensor) -> np.ndarray:
        return self._encoder(image)[0].float().cpu().numpy().astype(np.float16)

    def _tensor(self, crop: np.ndarray) -> Tensor:
        return torch.from_numpy(crop).to(self._device).permute(2, 0, 1)[None].float() / 255

    def _map(self, name: str, kind: type, shape: tuple[int, ...]) -> np.memmap:
        path = self.folder / name
        if not path.exists():
            np.lib.format.open_memmap(path, "w+", kind, shape).flush()
        return np.lib.format.open_memmap(path, "r+")


def cells(mask: np.ndarray) -> Tensor:
    """A mask (S, S) of 0 and 1 as (1, 1, S/8, S/8): any hole pixel makes a hole cell."""
    return mask_to_cells(torch.from_numpy(mask.astype(np.float32))[None, None])
