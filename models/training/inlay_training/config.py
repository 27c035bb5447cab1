"""A run's configuration: a TOML file, checked against the fields below."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from .task import Settings

Config = TypeVar("Config", bound=Settings)


@dataclass(frozen=True)
class DecoderConfig(Settings):
    """The asymmetric decoder on TAEF2. Rates are per step, lengths are pixels."""

    crop: int = 128
    """Side of a training crop, a multiple of 8."""
    border: int = 8
    """Rim of the crop that no loss sees: zero padding spoils it, and in use the picture is reflected there."""
    views: int = 6000
    """How many crops are encoded beforehand and drawn from."""
    photo_classes: str = "A"
    match_share: float = 0.1
    """First part of the schedule: only the branch is trained, to give what the plain decoder's own features are."""
    rate_new: float = 4e-4
    rate_copied: float = 6e-5
    weight_decay: float = 1e-4
    share_all_hole: float = 0.2
    loss_ssim: float = 0.25
    loss_gradient: float = 0.5
    loss_texture: float = 0.05
    rim_wide: float = 1.0
    rim_inner: float = 8.0
    rim_outer: float = 8.0
    adversary_begin: float = 1.0
    """Share of the schedule at which the discriminator comes in; 1 is never."""
    adversary_rate: float = 1e-4
    adversary_factor: float = 0.5
    adversary_limit: float = 1.0
    feature_matching: float = 1.0
    evaluate_side: int = 192


@dataclass(frozen=True)
class DenoiserConfig(Settings):
    """The small inpainting denoiser in TAEF2's latent space."""

    batch: int = 16
    minutes: float = 120
    ema: float = 0.9995
    warmup_steps: int = 500
    widths: tuple[int, ...] = (48, 96, 144)
    """Channels at the three resolutions of the network."""
    groups: int = 16
    dropout: float = 0.0
    """On several lanes dropout is not repeatable; leave it 0 there."""
    rate: float = 2e-4
    weight_decay: float = 1e-2
    crop: int = 256
    pairs: int = 2000
    """How many crops are encoded beforehand, each with `masks_each` masks."""
    masks_each: int = 2
    photo_classes: str = "A"
    begin_from: str = "grey"
    """What the hole of the conditioning picture holds: "grey", or "patch-fill" with a folder of filled pairs."""
    prior_spread: float = 0.0
    """How far the picture is taken to be from the condition, standardised; 0 leaves the network to itself."""
    kept_weight: float = 0.1
    """Weight of the loss in kept cells; in hole cells it is 1."""
    sampling_steps: int = 8
    sampling_start: float = 1.0
    """Time at which sampling begins, from the condition with that much noise: 1 is noise alone."""


@dataclass(frozen=True)
class PaperConfig(Settings):
    """The paper's own setting: a decoder for the Stable Diffusion 1.x autoencoder."""

    size: str = "base"
    """base, x-1-5 or x-2."""
    batch: int = 10
    """Per process."""
    steps: int = 172_800
    warmup_steps: int = 5000
    warmup_from: float = 0.01
    clip: float = 0.0
    ema: float = 0.0
    rate_per_sample: float = 4.5e-6
    """The rate is this times the batch over all processes."""
    copied_rate_factor: float = 0.1
    """What part of the rate the weights copied from the plain decoder get."""
    copy_decoder: bool = True
    """Whether the decoder starts as the plain one; only `base` has its shape."""
    crop: int = 256
    share_all_hole: float = 0.5
    adversary_begin_step: int = 50_001
    adversary_factor: float = 0.8
    adversary_limit: float = 1e4
    photo_classes: str = "ABC"
    evaluate_minutes: float = 60
    width_divisor: int = 1
    """Divides all widths: 1 but in tests."""


def load(path: Path, kind: type[Config]) -> Config:
    """The settings of a file, with the defaults of `kind` for those it does not name."""
    with path.open("rb") as file:
        values = tomllib.load(file)
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise SystemExit(f"{path}: there is no setting {', '.join(unknown)}; there are {', '.join(sorted(known))}.")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
