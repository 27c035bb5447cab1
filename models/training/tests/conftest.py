"""Small true things to train on: pictures drawn here, and an untrained autoencoder with the published shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from inlay_training.data import list_photos
from inlay_training.lanes import Lanes
from inlay_training.networks import taef2


def draw_picture(seed: int, width: int = 120, height: int = 96) -> np.ndarray:
    """A gradient with a few discs in it, (H, W, 3) 8 bit."""
    rng = np.random.default_rng(seed)
    ys, xs = np.mgrid[0:height, 0:width]
    ramp = (xs * rng.uniform(-1, 1) + ys * rng.uniform(-1, 1))[..., None] * rng.uniform(0.2, 1, 3)
    picture = 128 + ramp
    for _ in range(4):
        inside = np.hypot(xs - rng.uniform(0, width), ys - rng.uniform(0, height)) < rng.uniform(5, 25)
        picture[inside] = rng.uniform(0, 255, 3)
    return np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for index in range(40):
        Image.fromarray(draw_picture(index)).save(folder / f"picture-{index:02d}.png")
    return folder


@pytest.fixture(scope="session")
def taef2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pair, untrained: its latents are scaled up, so that pictures differ in them as they do in trained ones."""
    folder = tmp_path_factory.mktemp("taef2")
    torch.manual_seed(5)
    for name, network in (("encoder", taef2.encoder()), ("decoder", taef2.decoder())):
        if name == "encoder":
            network[-1].weight.data *= 20
        save_file(network.state_dict(), folder / f"taef2_{name}.safetensors")
    return folder


@pytest.fixture(scope="session")
def pair(taef2_folder: Path) -> tuple[nn.Sequential, nn.Sequential]:
    return taef2.load(taef2_folder)


@pytest.fixture(scope="session")
def lanes() -> Lanes:
    return Lanes(2)


@pytest.fixture
def listed(photos: Path) -> list:
    return list_photos(photos)
