from __future__ import annotations

import pytest
import torch
from torch import nn

from inlay_training.discriminator import PaperPatches
from inlay_training.networks.asymmetric import AsymmetricDecoder, from_taef2, hold_identity
from inlay_training.networks.denoiser import Denoiser
from inlay_training.networks.sd1 import SIZES, Autoencoder, ConditionalDecoder, Size, rename_old_attention


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def holes(side: int = 64) -> torch.Tensor:
    mask = torch.zeros(1, 1, side, side)
    mask[..., 20:41, 13:30] = 1
    return mask


def test_sizes_are_the_published_ones() -> None:
    assert count(AsymmetricDecoder()) == 2_904_003
    assert count(PaperPatches()) == 2_765_633
    with torch.device("meta"):
        for name, main, branch in (
            ("base", 49_490_179, 10_786_048),
            ("x-1-5", 135_872_259, 24_264_576),
            ("x-2", 328_833_027, 43_133_440),
        ):
            decoder = ConditionalDecoder(SIZES[name])
            assert count(decoder.condition_encoder) == branch
            assert count(decoder) == main + branch
        assert count(Autoencoder(SIZES["x-1-5"])) == 194_300_519


def test_before_training_the_decoder_is_taef2_bit_for_bit(pair) -> None:
    plain, decoder = pair[1], from_taef2(pair[1])
    z, image = torch.randn(1, 32, 8, 8), torch.rand(1, 3, 64, 64)
    assert torch.equal(decoder(z), plain(z))
    assert torch.equal(decoder(z, image, torch.ones(1, 1, 64, 64)), plain(z))


def test_all_hole_does_not_depend_on_the_picture(pair) -> None:
    decoder = from_taef2(pair[1])
    for parameter in decoder.parameters():
        parameter.data += 0.01 * torch.randn_like(parameter)
    z, ones = torch.randn(1, 32, 8, 8), torch.ones(1, 1, 64, 64)
    results = [decoder(z, torch.rand(1, 3, 64, 64), ones) for _ in range(2)]
    assert torch.equal(results[0], results[1])


def test_kept_pixels_not_next_to_the_hole_come_back(pair) -> None:
    decoder = from_taef2(pair[1])
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
        hold_identity(decoder)
        x, m = torch.rand(1, 3, 64, 64), holes()
        error = (decoder(torch.randn(1, 32, 8, 8), x, m) - x).abs()
    near = nn.functional.max_pool2d(m, 3, stride=1, padding=1).expand_as(x) > 0
    inside = error[..., 1:-1, 1:-1][~near[..., 1:-1, 1:-1]]
    assert inside.max() < 1e-4
    assert error[near].max() > 1e-2


def test_holding_the_identity_moves_nothing_when_it_holds(pair) -> None:
    decoder = from_taef2(pair[1])
    before = decoder.branch.convs[0].weight.clone()
    hold_identity(decoder)
    assert torch.allclose(before, decoder.branch.convs[0].weight, atol=1e-5)


def test_the_denoiser_starts_at_zero_and_takes_other_shapes() -> None:
    network = Denoiser(8, (16, 32, 48), 16, 0.0)
    for height, width in ((8, 8), (12, 20)):
        noisy, mask = torch.randn(2, 8, height, width), torch.ones(2, 1, height, width)
        out = network(noisy, torch.rand(2), mask, noisy)
        assert out.shape == noisy.shape
        assert not out.any()


def test_the_denoiser_looks_at_all_it_is_given() -> None:
    torch.manual_seed(1)
    network = Denoiser(8, (16, 32, 48), 16, 0.0)
    nn.init.normal_(network.conv_out.weight)
    inputs = [torch.randn(1, 8, 8, 8), torch.rand(1), torch.zeros(1, 1, 8, 8), torch.randn(1, 8, 8, 8)]
    first = network(*inputs)
    for index in range(4):
        changed = [value + 1 if index == i else value for i, value in enumerate(inputs)]
        assert (network(*changed) - first).abs().max() > 1e-4


def test_the_papers_decoder_is_plain_without_a_picture() -> None:
    torch.manual_seed(2)
    network = Autoencoder(Size(8, 1), encoder_width=8)
    x = torch.rand(1, 3, 32, 32) * 2 - 1
    z = network.encode(x, torch.zeros(1, 4, 4, 4))
    ones = torch.ones(1, 1, 32, 32)
    assert torch.equal(network.decode(z), network.decode(z, x, ones))
    assert torch.equal(network.decode(z, x, ones), network.decode(z, -x, ones))
    assert not torch.equal(network.decode(z, x, 0 * ones), network.decode(z, -x, 0 * ones))
    # With everything kept, the latent has no say: the last merge replaces all that came from it.
    assert torch.equal(network.decode(z, x, 0 * ones), network.decode(2 * z, x, 0 * ones))


@pytest.mark.parametrize("old", ["query", "key", "value", "proj_attn"])
def test_old_attention_names_are_understood(old: str) -> None:
    new = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}[old]
    renamed = rename_old_attention({f"encoder.mid_block.attentions.0.{old}.weight": torch.zeros(4, 4, 1, 1)})
    assert {key: tuple(value.shape) for key, value in renamed.items()} == {
        f"encoder.mid_block.attentions.0.{new}.weight": (4, 4)
    }
