from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inlay_training import data


def test_an_author_is_held_out_as_a_whole_and_about_one_in_twenty_is() -> None:
    keys = [f"site|author {index}" for index in range(20_000)]
    share = np.mean([data.held_out(key) for key in keys])
    assert 0.045 < share < 0.055
    assert [data.held_out(key) for key in keys[:100]] == [data.held_out(key) for key in keys[:100]]


def test_split_leaves_nothing_out_and_nothing_twice(listed: list) -> None:
    train, held = data.split(listed)
    assert sorted(p.path for p in train + held) == sorted(p.path for p in listed)
    assert not {p.key for p in train} & {p.key for p in held}


def test_a_table_of_sources_limits_the_licence_classes(tmp_path: Path) -> None:
    picture = Image.new("RGB", (8, 8))
    (tmp_path / "train").mkdir()
    (tmp_path / "clothing").mkdir()
    for name in ("train/a.jpg", "train/b.jpg", "train/c.jpg", "clothing/d.jpg"):
        picture.save(tmp_path / name)
    rows = ["file\tsource\tlicence\tauthor\tclass", "a.jpg\tsite:1\tCC0\tAnn\tA", "b.jpg\tsite:2\tGPL\tBob\tB"]
    rows += ["c.jpg\tsite:3\tCC0\t-\tA", "gone.jpg\tsite:4\tCC0\tAnn\tA"]
    (tmp_path / "SOURCES.tsv").write_text("\n".join(rows) + "\n")
    found = data.list_photos(tmp_path, "A")
    assert [(p.path.name, p.key, p.group) for p in found] == [
        ("a.jpg", "site|Ann", "train"),
        ("c.jpg", "c.jpg", "train"),
        ("d.jpg", "d.jpg", "clothing"),
    ]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no photographs"):
        data.list_photos(tmp_path)


def test_groups_are_drawn_alike_however_large(tmp_path: Path) -> None:
    many = [data.Photo(tmp_path / str(i), str(i), "many") for i in range(50)]
    few = [data.Photo(tmp_path / "few", "few", "few")]
    rng = np.random.default_rng(1)
    share = np.mean([data.pick(many + few, rng).group == "few" for _ in range(2000)])
    assert 0.45 < share < 0.55


@pytest.mark.parametrize("shape", [(40, 200), (96, 120), (300, 280)])
def test_crops_have_the_side_asked_for(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for seed in range(20):
        assert data.random_crop(image, 64, np.random.default_rng(seed)).shape == (64, 64, 3)
        assert data.random_square(image, 64, np.random.default_rng(seed)).shape == (64, 64, 3)
    a, b = (data.random_crop(image, 32, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(a, b)
