"""Photographs: which there are, which are held out, and random crops of them.

The held-out twentieth is chosen by a hash of source and author (of the file name where there is none) and is never
trained on. A crop is a function of the seed and its number alone.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

HELD_OUT_SHARE = 0.05
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Photo:
    """One photograph, the text that decides whether it is held out, and the group it is drawn from."""

    path: Path
    key: str
    group: str


def held_out(key: str) -> bool:
    """Whether photographs with this key are kept from training."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < HELD_OUT_SHARE


def list_photos(folder: Path, classes: str = "A") -> list[Photo]:
    """The photographs below `folder`, sorted. A `SOURCES.tsv` there (columns file, source, author, class) names those
    in `train/`, of which only the given licence classes count; `clothing/` counts as a whole. Without it, all count.
    """
    table = folder / "SOURCES.tsv"
    photos: list[Photo] = []
    if table.exists():
        with table.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                path = folder / "train" / row["file"]
                if row["class"] in classes and path.exists():
                    named = row["author"] not in ("", "-")
                    key = f"{row['source'].split(':')[0]}|{row['author']}" if named else row["file"]
                    photos.append(Photo(path, key, "train"))
        photos += [Photo(path, path.name, "clothing") for path in sorted((folder / "clothing").glob("*.jpg"))]
    else:
        found = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES)
        photos = [Photo(path, path.name, "all") for path in found]
    if not photos:
        raise SystemExit(f"There are no photographs in {folder}: give --photos a folder that holds some.")
    return photos


def split(photos: list[Photo]) -> tuple[list[Photo], list[Photo]]:
    """Training and held-out photographs."""
    return [p for p in photos if not held_out(p.key)], [p for p in photos if held_out(p.key)]


def read(path: Path) -> np.ndarray:
    """A photograph as (H, W, 3) 8 bit."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def pick(photos: list[Photo], rng: Generator) -> Photo:
    """A photograph: first a group, all alike, then one of it. So many small pictures do not drown few large ones."""
    groups = sorted({photo.group for photo in photos})
    group = groups[int(rng.integers(len(groups)))]
    members = [photo for photo in photos if photo.group == group]
    return members[int(rng.integers(len(members)))]


def random_crop(image: np.ndarray, side: int, rng: Generator) -> np.ndarray:
    """(side, side, 3) 8 bit: scaled down by 0.5 to 0.8 where the picture is large enough (which also takes away JPEG
    blocks), flipped half the time, at any offset.
    """
    short = min(image.shape[:2])
    scale = max(rng.uniform(0.5, 0.8), side / short)
    span = min(short, round(side / scale))
    y = int(rng.integers(0, image.shape[0] - span + 1))
    x = int(rng.integers(0, image.shape[1] - span + 1))
    crop = image[y : y + span, x : x + span]
    if span != side:
        method = Image.Resampling.BOX if span > side else Image.Resampling.BICUBIC
        crop = np.array(Image.fromarray(crop).resize((side, side), method))
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    return np.array(crop)


def random_square(image: np.ndarray, side: int, rng: Generator) -> np.ndarray:
    """The paper's crop: a square of 0.5 to 1 times the short side anywhere, resized by area to (side, side, 3)."""
    short = min(image.shape[:2])
    span = round(short * rng.uniform(0.5, 1.0))
    y = int(rng.integers(0, image.shape[0] - span + 1))
    x = int(rng.integers(0, image.shape[1] - span + 1))
    method = Image.Resampling.BOX if span > side else Image.Resampling.BICUBIC
    return np.array(Image.fromarray(image[y : y + span, x : x + span]).resize((side, side), method))
