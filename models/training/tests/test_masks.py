"""The published generator's coverage is known from 6,000 draws: see its description in masks.py."""

from __future__ import annotations

import numpy as np
import pytest

from inlay_training import masks

DRAWS = 400


def coverage(kind, side: int, count: int = DRAWS) -> np.ndarray:
    return np.array([kind(np.random.default_rng((11, index)), side).mean() for index in range(count)])


@pytest.mark.parametrize(
    "kind", [masks.thick, masks.blob, masks.thin, masks.band, masks.decoder_mask, masks.denoiser_mask, masks.paper_mask]
)
def test_masks_are_hard_and_repeat(kind) -> None:
    for index in range(20):
        first, second = (kind(np.random.default_rng((3, index)), 128) for _ in range(2))
        assert first.shape == (128, 128)
        assert first.dtype == np.float32
        assert set(np.unique(first)) <= {0.0, 1.0}
        assert np.array_equal(first, second)


def test_the_papers_generator_covers_what_the_published_one_does() -> None:
    drawn = coverage(lambda rng, side: masks.paper_mask(rng, side, 0.0), 256)
    assert abs(drawn.mean() - 0.41) < 0.04
    assert abs(np.quantile(drawn, 0.95) - 0.78) < 0.06
    assert abs((drawn > 0.5).mean() - 0.38) < 0.08


def test_boxes_cover_what_the_published_ones_do() -> None:
    drawn = coverage(lambda rng, side: masks.boxes(rng, side, 1.0), 256)
    assert abs(drawn.mean() - 0.21) < 0.03
    assert drawn.max() < 0.5


def test_thick_masks_scale_with_the_crop_and_stay_below_their_limit() -> None:
    small, large = coverage(masks.thick, 64, 200), coverage(masks.thick, 256, 200)
    assert max(small.max(), large.max()) <= 0.6
    assert abs(small.mean() - large.mean()) < 0.05


def test_all_hole_comes_as_often_as_asked() -> None:
    share = (coverage(lambda rng, side: masks.decoder_mask(rng, side, 0.3), 32) == 1).mean()
    assert abs(share - 0.3) < 0.07
    half = (coverage(masks.paper_mask, 256) == 1).mean()
    assert abs(half - 0.5) < 0.09


def test_the_mixtures_are_whole() -> None:
    for mixture in (masks.DECODER, masks.DENOISER):
        assert sum(share for share, _ in mixture) == pytest.approx(1)


def test_a_line_is_round_at_its_ends() -> None:
    mask = np.zeros((32, 32), np.float32)
    masks.draw_line(mask, np.array([10.0, 16.0]), np.array([20.0, 16.0]), 8)
    assert mask[16, 6] == mask[16, 24] == mask[12, 15] == mask[20, 15] == 1
    assert mask[16, 5] == mask[16, 25] == mask[11, 15] == mask[12, 6] == 0
