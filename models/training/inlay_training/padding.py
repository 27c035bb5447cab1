"""The picture's own border: zero padding spoils it, so it is padded by reflection, and cropped off afterwards."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

#: Pixels on each side, a multiple of the downsampling.
REFLECTED = 8


def reflect(picture: Tensor, by: int = REFLECTED) -> Tensor:
    """(B, C, H, W) to (B, C, H + 2 by, W + 2 by)."""
    return F.pad(picture, (by, by, by, by), mode="reflect")


def crop(picture: Tensor, by: int = REFLECTED) -> Tensor:
    """Takes off what `reflect` added."""
    return picture[..., by:-by, by:-by]
