"""Writing weights: float16 safetensors and a config beside them, whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from .config import DenoiserConfig, PaperConfig
from .networks.asymmetric import EXTRA_BLOCKS, OWN_BLOCKS
from .networks.denoiser import BLOCKS, Denoiser, heads_of
from .networks.sd1 import MULTIPLIERS, SIZES, Autoencoder
from .networks.taef2 import CHANNELS, DOWNSAMPLING, LATENT_CHANNELS
from .padding import REFLECTED

DECODER_CONFIG = {
    "_class_name": "InlayAsymmetricDecoder",
    "latent_channels": LATENT_CHANNELS,
    "channels": CHANNELS,
    "downsampling": DOWNSAMPLING,
    "own_blocks": list(OWN_BLOCKS),
    "extra_blocks": list(EXTRA_BLOCKS),
    "image_range": [0, 1],
    "branch_input": "(image - 0.5) * (1 - mask), mask",
    "mask_polarity": "1 is hole",
    "mask_resize": "max",
    "reflect_padding": REFLECTED,
}


def save_weights(network: nn.Module, folder: Path, name: str, config: dict) -> Path:
    """`<name>.safetensors` in float16 and `config.json` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.safetensors"
    state = network.state_dict()
    _write({key: value.detach().cpu().to(torch.float16).contiguous() for key, value in state.items()}, target)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    return target


def save_decoder(network: nn.Module, folder: Path) -> Path:
    """The asymmetric decoder."""
    return save_weights(network, folder, "decoder", DECODER_CONFIG)


def save_denoiser(network: Denoiser, folder: Path, settings: DenoiserConfig, statistics: dict) -> Path:
    """The denoiser, with the latents' statistics (`latent_mean`, `latent_std`) that its input is standardised by."""
    config = {
        "_class_name": "InlayInpaintingDenoiser",
        "latent_channels": network.channels,
        "widths": list(network.widths),
        "blocks": BLOCKS,
        "groups": network.groups,
        "attention_heads": [0, *(heads_of(width) for width in network.widths[1:])],
        "norm_eps": 1e-5,
        "input": "noisy, mask, condition",
        "condition_hole": settings.begin_from,
        "mask_polarity": "1 is hole",
        "mask_resize": "max",
        "prediction": "rectified-flow velocity, noise - clean",
        "prior_spread": network.spread,
        "sampling_steps": settings.sampling_steps,
        "sampling_start": settings.sampling_start,
        **statistics,
    }
    return save_weights(network, folder, "denoiser", config)


def save_paper(network: Autoencoder, folder: Path, config: PaperConfig) -> Path:
    """The whole autoencoder in float32 with diffusers' names; `config.json` is what diffusers reads."""
    folder.mkdir(parents=True, exist_ok=True)
    size = SIZES[config.size]
    width = size.width // config.width_divisor
    values = {
        "_class_name": "AsymmetricAutoencoderKL",
        "in_channels": 3,
        "out_channels": 3,
        "latent_channels": 4,
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "down_block_out_channels": [128 // config.width_divisor * factor for factor in MULTIPLIERS],
        "layers_per_down_block": 2,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "up_block_out_channels": [width * factor for factor in MULTIPLIERS],
        "layers_per_up_block": size.blocks,
        "act_fn": "silu",
        "norm_num_groups": 32,
        "scaling_factor": 0.18215,
    }
    weights = {key: value.detach().cpu().float().contiguous() for key, value in network.state_dict().items()}
    target = folder / "diffusion_pytorch_model.safetensors"
    _write(weights, target)
    (folder / "config.json").write_text(json.dumps(values, indent=2) + "\n")
    return target


def _write(weights: dict[str, Tensor], target: Path) -> None:
    temporary = target.with_suffix(".part")
    save_file(weights, temporary)
    os.replace(temporary, target)
