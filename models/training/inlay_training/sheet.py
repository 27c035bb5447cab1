"""Contact sheets of held-out pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .evaluate import Sample
from .metrics import paste
from .padding import crop, reflect


@torch.no_grad()
def decoder_sheet(path: Path, encoder: nn.Module, plain: nn.Module, decoder: nn.Module, held: list[Sample]) -> None:
    """One row each: original, hole, plain decoder pasted, asymmetric decoder as it is, its difference eight times."""
    rows = []
    device = next(encoder.parameters()).device
    for sample in held:
        x, m = sample.image.to(device), sample.mask.to(device)
        wide, hole = reflect(x), reflect(m)
        z = encoder(wide)
        y = crop(decoder(z, wide, hole))
        rows.append([x, x * (1 - m) + 0.5 * m, paste(crop(plain(z)), x, m), y, (y - x).abs() * 8])
    save_tiles(path, rows)


def save_tiles(path: Path, rows: list[list[Tensor]]) -> None:
    """Rows of pictures (1, 3, H, W) in 0..1, side by side and below each other, as a JPEG."""
    sheet = torch.cat([torch.cat([tile[0] for tile in row], dim=2) for row in rows], dim=1)
    pixels = (sheet.clamp(0, 1) * 255 + 0.5).floor().permute(1, 2, 0).cpu().numpy().astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=92)
