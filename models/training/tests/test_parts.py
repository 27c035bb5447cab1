"""Losses, schedule, clock, flow, discriminators: each against what can be said of it without the code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest
import torch

from inlay_training import flow, losses, metrics
from inlay_training.clock import RunClock
from inlay_training.discriminator import Adversary, PaperPatches, Rules, SmallPatches, SpectralConv
from inlay_training.padding import crop, reflect
from inlay_training.perceptual import Perceptual
from inlay_training.schedule import rate, share_since


def test_losses_vanish_for_equal_pictures() -> None:
    x = torch.rand(2, 3, 48, 48)
    ones = torch.ones(2, 1, 48, 48)
    for value in (
        losses.charbonnier(x, x, ones),
        losses.ms_ssim_loss(x, x),
        losses.gradient(x, x),
        losses.texture(x, x, (3, 5)),
        Perceptual(16)(x, x).sum(),
    ):
        assert abs(float(value)) < 1e-6


def test_texture_asks_for_energy_not_for_phase() -> None:
    torch.manual_seed(1)
    noise, other = 0.1 * torch.randn(1, 3, 64, 64), 0.1 * torch.randn(1, 3, 64, 64)
    flat = torch.full((1, 3, 64, 64), 0.5)
    like, blurred = losses.texture(flat + other, flat + noise, (0, 0)), losses.texture(flat, flat + noise, (0, 0))
    assert like < 0.4 * blurred
    # L1 says the opposite.
    assert other.sub(noise).abs().mean() > noise.abs().mean()


def test_the_rim_weighs_more() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 20:44, 20:44] = 1
    weight = losses.rim_weight(mask, 1, 16, 8)[0, 0]
    row = weight[32]
    assert row[2] == 1
    assert row[15] == 2
    assert row[19] == 2 + 8
    assert row[20] == 2 + 16
    assert row[21] == row[22] == 2 + 8
    assert row[24] == 2
    assert row[31] == 1
    everything = losses.rim_weight(torch.ones(1, 1, 32, 32), 1, 16, 8)
    assert torch.equal(everything, torch.ones_like(everything))


def test_the_seam_is_measured_across_the_edge() -> None:
    x = torch.rand(1, 3, 16, 16)
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 8:] = 1
    y = metrics.paste(x + 0.25, x, mask)
    assert metrics.seam_error(y, x, mask) == pytest.approx(0.25, abs=1e-6)
    assert metrics.seam_error(x + 0.25, x, mask) == pytest.approx(0, abs=1e-6)
    assert metrics.mean_square(y, x, 1 - mask) == 0


def test_reflection_is_taken_off_again() -> None:
    x = torch.rand(1, 3, 24, 32)
    wide = reflect(x)
    assert wide.shape == (1, 3, 40, 48)
    assert torch.equal(crop(wide), x)
    assert torch.equal(wide[..., 8:-8, 7], x[..., :, 1])


def test_rates_rise_and_fall() -> None:
    values = [rate(1e-3, step / 1000, step, 100, 0.01, 1e-6) for step in range(1001)]
    assert values[0] == pytest.approx(1e-3 * (0.01 + 0.99 / 100), rel=1e-3)
    assert int(np.argmax(values)) == 99
    assert values[1000] == pytest.approx(1e-6)
    assert all(b <= a for a, b in pairwise(values[99:]))
    assert share_since(0.4, 0.4) == 0
    assert share_since(0.7, 0.4) == pytest.approx(0.5)


@pytest.mark.skipif(
    not hasattr(signal, "SIGSTOP"), reason="a process can only be stopped where there is a signal for it"
)
def test_the_clock_does_not_count_while_the_process_is_stopped() -> None:
    # The child counts, is stopped for a second, and counts on: what it saw of that second is what it worked.
    program = (
        "import sys, time\n"
        "from inlay_training.clock import RunClock\n"
        "clock = RunClock(1)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "began = time.monotonic()\n"
        "clock.tick()\n"
        "print(clock.minutes * 60, flush=True)\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGSTOP)
        time.sleep(1)
        os.kill(child.pid, signal.SIGCONT)
        counted = float(child.communicate("\n")[0])
    assert counted < 0.5


def test_a_clock_that_waits_for_a_device_counts_the_wall() -> None:
    clock = RunClock(0)
    time.sleep(0.05)
    assert clock.tick() >= 0.05


def test_the_flow_ends_at_the_picture_when_the_velocity_is_true() -> None:
    torch.manual_seed(3)
    clean, noise = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    hole = torch.zeros(2, 1, 8, 8)
    hole[..., 2:6, 2:6] = 1
    drawn = flow.sample(lambda x, t: noise - clean, clean, hole, noise, 8)
    assert torch.allclose(drawn, clean, atol=1e-5)
    late = flow.sample(lambda x, t: noise - clean, clean, hole, noise, 3, start=0.4)
    assert torch.allclose(late, clean, atol=1e-5)
    times = []
    flow.sample(lambda x, t: times.append(float(t[0])) or 0 * x, clean, hole, noise, 4, start=0.8)
    assert times == pytest.approx([0.8, 0.6, 0.4, 0.2])
    wrong = flow.sample(lambda x, t: torch.zeros_like(x), clean, hole, noise, 8)
    assert torch.equal(torch.where(hole > 0, clean, wrong), clean)
    assert not torch.allclose(wrong, clean)
    assert flow.mix(clean, noise, torch.tensor([0.0, 1.0]))[0].equal(clean[0])
    assert flow.loss(noise - clean, clean, noise, hole, 0.1) == (0, 0)
    times = flow.draw_times(np.random.default_rng(0), 4000)
    assert 0 < times.min() < times.max() < 1
    assert abs(times.mean() - 0.5) < 0.02


def test_spectral_norm_finds_the_largest_singular_value() -> None:
    torch.manual_seed(4)
    layer = SpectralConv(3, 16, 2)
    for _ in range(200):
        layer.update()
    matrix = layer.conv.weight.detach().flatten(1)
    sigma = float(layer.left @ matrix @ layer.right)
    assert sigma == pytest.approx(float(torch.linalg.matrix_norm(matrix, 2)), rel=1e-3)


@pytest.mark.parametrize("patches", [SmallPatches(8), PaperPatches(4)])
def test_a_discriminator_learns_to_tell_noise_from_flats(patches) -> None:
    torch.manual_seed(5)
    adversary = Adversary(patches, Rules(0.5, 1.0, 1.0))
    optimiser = torch.optim.Adam(patches.parameters(), 2e-3, (0.5, 0.9))
    values = []
    for _ in range(40):
        flat, noise = torch.rand(2, 3, 1, 1).expand(2, 3, 48, 48), torch.rand(2, 3, 48, 48)
        loss = adversary.discriminator_loss(noise, flat)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        patches.update()
        values.append(float(loss.detach()))
    assert np.mean(values[-5:]) < 0.7 * np.mean(values[:5])


def test_the_adaptive_weight_makes_both_gradients_alike() -> None:
    torch.manual_seed(6)
    last = torch.nn.Conv2d(4, 3, 3, padding=1)
    y, x = last(torch.randn(1, 4, 48, 48)), torch.rand(1, 3, 48, 48)
    reconstruction = (y - x).abs().mean()
    rules = Rules(0.5, 1e9, 0.0)
    parts = Adversary(SmallPatches(8), rules).generator_parts(y, x, reconstruction, last.weight)
    wanted = torch.autograd.grad(reconstruction, last.weight, retain_graph=True)[0].norm()
    given = torch.autograd.grad(parts["adversarial"], last.weight)[0].norm()
    # The 1e-4 that keeps the quotient finite is all that is between them.
    assert float(given) == pytest.approx(0.5 * float(wanted), rel=0.05)
