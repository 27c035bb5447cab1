"""Whole runs, as small as can be: the loss falls, a stopped run goes on as if nothing had been, files can be opened."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from inlay_training import config as configs
from inlay_training.command import main
from inlay_training.data import split
from inlay_training.decoder import DecoderTask
from inlay_training.denoiser import DenoiserTask
from inlay_training.evaluate import samples
from inlay_training.export import save_decoder
from inlay_training.lanes import Lanes
from inlay_training.loop import Run
from inlay_training.networks.asymmetric import AsymmetricDecoder
from inlay_training.networks.denoiser import Denoiser
from inlay_training.pairs import Pairs, write_pictures
from inlay_training.paper import PaperTask, build
from inlay_training.perceptual import Perceptual
from inlay_training.views import Views

CONFIGS = Path(__file__).parent.parent / "configs"
DECODER = configs.DecoderConfig(
    crop=64, border=8, views=6, batch=2, steps=400, warmup_steps=1, rate_new=1e-3, match_share=0.0, ema=0.5
)
DENOISER = configs.DenoiserConfig(
    crop=64, widths=(16, 32, 32), groups=8, batch=4, steps=400, warmup_steps=1, rate=2e-3, pairs=4, evaluate_samples=2
)
PAPER = configs.PaperConfig(
    width_divisor=16,
    crop=64,
    batch=2,
    steps=400,
    warmup_steps=1,
    rate_per_sample=1e-3,
    adversary_begin_step=4,
    evaluate_samples=1,
)


def decoder_task(pair, listed: list, lanes: Lanes, folder: Path, config=DECODER) -> DecoderTask:
    train, held = split(listed)
    views = Views(folder, train, pair[0], config.crop, config.views, config.seed)
    views.build(lanes)
    return DecoderTask(config, *pair, views, samples(held or train, 64, 2), warm=False)


def denoiser_task(pair, listed: list, lanes: Lanes, folder: Path, config=DENOISER, filled=None) -> DenoiserTask:
    sets = []
    for count, masks, seed in ((config.pairs, config.masks_each, config.seed), (2, 1, 99)):
        sets.append(Pairs(folder, listed, pair[0], config.crop, count, masks, seed, filled))
        sets[-1].build(lanes)
    return DenoiserTask(config, pair[1], *sets)


def paper_task(listed: list, config=PAPER) -> PaperTask:
    torch.manual_seed(1)
    weights = build(config, conditional=False).state_dict()
    weights = {key: value for key, value in weights.items() if "condition_encoder" not in key}
    return PaperTask(config, weights, Perceptual(16), listed, samples(listed, 64, 1))


@pytest.fixture(params=["decoder", "adversary", "denoiser", "paper"])
def make(request, pair, listed, lanes, tmp_path_factory):
    """A function that makes the same task each time it is called, and its configuration."""
    folder = tmp_path_factory.mktemp("cache")
    adversary = dataclasses.replace(DECODER, adversary_begin=0.005, match_share=0.002)
    return {
        "decoder": (lambda: decoder_task(pair, listed, lanes, folder), DECODER),
        "adversary": (lambda: decoder_task(pair, listed, lanes, folder, adversary), adversary),
        "denoiser": (lambda: denoiser_task(pair, listed, lanes, folder), DENOISER),
        "paper": (lambda: paper_task(listed), PAPER),
    }[request.param]


def fixed_loss(task, pieces) -> float:
    """The loss of the same pieces, late in the first steps but before any discriminator."""
    return sum(sum(value for name, value in task.gradients(piece, 0.0)[1].items()) for piece in pieces)


def test_a_few_steps_lower_the_loss(pair, listed, lanes, tmp_path) -> None:
    for task, config in (
        (decoder_task(pair, listed, lanes, tmp_path), DECODER),
        (denoiser_task(pair, listed, lanes, tmp_path), DENOISER),
        (paper_task(listed, dataclasses.replace(PAPER, adversary_begin_step=400)), PAPER),
    ):
        run = Run(config, task, lanes, tmp_path / type(task).__name__)
        pieces = task.pieces(1000)
        before = fixed_loss(task, pieces)
        for _ in range(12):
            run.train_step()
        assert fixed_loss(task, pieces) < 0.95 * before, type(task).__name__


def test_matching_lowers_the_gap_to_the_plain_features(pair, listed, lanes, tmp_path) -> None:
    task = decoder_task(pair, listed, lanes, tmp_path, dataclasses.replace(DECODER, match_share=1.0))
    run = Run(DECODER, task, lanes, tmp_path / "run")
    pieces = task.pieces(1000)
    before = fixed_loss(task, pieces)
    for _ in range(8):
        run.train_step()
    assert fixed_loss(task, pieces) < before


def test_the_identity_is_held_without_growing(pair, listed, lanes, tmp_path) -> None:
    task = decoder_task(pair, listed, lanes, tmp_path)
    run = Run(DECODER, task, lanes, tmp_path / "run")
    last, first = task.network.conv_out, task.network.branch.convs[0]
    before, size = last.weight.clone(), first.weight.norm()
    for _ in range(10):
        run.train_step()
    assert torch.equal(last.weight, before)
    assert first.weight.norm() < 1.05 * size
    piece = task.pieces(500)[0]
    with torch.no_grad():
        back = task.finished()(piece.latents, piece.image, torch.zeros_like(piece.mask))
    assert (back - piece.image)[..., 1:-1, 1:-1].abs().max() < 1e-4


def test_a_stopped_run_goes_on_as_if_nothing_had_been(make, lanes, tmp_path) -> None:
    build_task, config = make
    whole = Run(config, build_task(), lanes, tmp_path / "whole")
    for _ in range(6):
        whole.train_step()
    first = Run(config, build_task(), lanes, tmp_path / "parts")
    for _ in range(3):
        first.train_step()
    first.save_state()
    second = Run(config, build_task(), lanes, tmp_path / "parts")
    assert second.step == 3
    for _ in range(3):
        second.train_step()
    for (name, a), b in zip(whole.task.network.named_parameters(), second.task.network.parameters(), strict=True):
        assert torch.equal(a, b), name
    for a, b in zip(whole.task.average.parameters(), second.task.average.parameters(), strict=True):
        assert torch.equal(a, b)
    for key, value in whole.task.extra_state().items():
        assert torch.equal(value, second.task.extra_state()[key]), key


def test_a_checkpoint_holds_figures_a_sheet_and_weights(make, lanes, tmp_path) -> None:
    build_task, config = make
    run = Run(config, build_task(), lanes, tmp_path)
    run.train_step()
    figures = run.checkpoint()
    assert all(np.isfinite(value) for value in figures.values())
    Image.open(tmp_path / "sheet-000001.jpg").verify()
    (weights,) = (tmp_path / "weights").glob("*.safetensors")
    expected = run.task.frozen if isinstance(run.task, PaperTask) else run.task.average
    assert set(load_file(weights)) == set(expected.state_dict())
    assert "_class_name" in json.loads((tmp_path / "weights" / "config.json").read_text())
    assert json.loads((tmp_path / "evaluations.jsonl").read_text())["step"] == 1


def test_exported_weights_decode_alike(pair, listed, lanes, tmp_path) -> None:
    task = decoder_task(pair, listed, lanes, tmp_path)
    weights = load_file(save_decoder(task.finished(), tmp_path))
    assert {value.dtype for value in weights.values()} == {torch.float16}
    again = AsymmetricDecoder()
    again.load_state_dict({key: value.float() for key, value in weights.items()})
    z, x, m = torch.randn(1, 32, 8, 8), torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    m[..., 20:40, 20:40] = 1
    with torch.no_grad():
        assert (again(z, x, m) - task.average(z, x, m)).abs().max() < 0.02


def test_the_denoiser_is_written_with_all_that_opening_it_needs(pair, listed, lanes, tmp_path) -> None:
    task = denoiser_task(pair, listed, lanes, tmp_path)
    task.export(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    network = Denoiser(config["latent_channels"], tuple(config["widths"]), config["groups"], 0.0)
    network.load_state_dict(load_file(tmp_path / "denoiser.safetensors"))
    assert len(config["latent_mean"]) == len(config["latent_std"]) == 32
    assert min(config["latent_std"]) > 0


def test_pairs_can_be_filled_from_outside(pair, listed, lanes, tmp_path) -> None:
    config = dataclasses.replace(DENOISER, begin_from="patch-fill", masks_each=1)
    folder = tmp_path / "pictures"
    write_pictures(folder, listed, config.crop, config.pairs, 1, config.seed)
    with pytest.raises(SystemExit, match="fill the pairs"):
        Pairs(tmp_path, listed, pair[0], config.crop, config.pairs, 1, config.seed, folder).build(lanes)
    for path in folder.glob("*-mask.png"):
        original = np.array(Image.open(folder / f"{path.name[:6]}.png"))
        filled = np.where(np.array(Image.open(path))[..., None] > 0, np.uint8(200), original)
        Image.fromarray(filled).save(folder / path.name.replace("mask", "filled"))
    filled_pairs = Pairs(tmp_path, listed, pair[0], config.crop, config.pairs, 1, config.seed, folder)
    filled_pairs.build(lanes)
    grey = Pairs(tmp_path, listed, pair[0], config.crop, config.pairs, 1, config.seed)
    grey.build(lanes)
    assert np.array_equal(filled_pairs.latents, grey.latents)
    assert not np.array_equal(filled_pairs.conditions, grey.conditions)


def test_an_interrupted_cache_goes_on(pair, listed, lanes, tmp_path) -> None:
    whole = Views(tmp_path / "a", listed, pair[0], 64, 40, 7)
    whole.build(lanes)
    part = Views(tmp_path / "b", listed, pair[0], 64, 40, 7)
    part.images[:32], part.latents[:32] = whole.images[:32], whole.latents[:32]
    (part.folder / "done.txt").write_text("32")
    part.build(lanes)
    assert np.array_equal(part.images, whole.images)
    assert np.array_equal(part.latents, whole.latents)


def test_the_command_line_trains_stops_and_goes_on(photos, taef2_folder, tmp_path, capsys) -> None:
    settings = tmp_path / "tiny.toml"
    settings.write_text(
        "crop = 64\nviews = 4\nbatch = 2\nsteps = 40\nwarmup_steps = 1\nevaluate_side = 64\nevaluate_samples = 2\n"
    )
    common = ["decoder", "--config", str(settings), "--photos", str(photos), "--out", str(tmp_path / "run")]
    common += ["--taef2", str(taef2_folder), "--lanes", "2"]
    main([*common, "--minutes", "0.0001"])
    assert not (tmp_path / "run" / "losses.csv").exists()
    main(common)
    with (tmp_path / "run" / "losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [20, 40]
    assert all(float(row["loss"]) > 0 for row in rows)
    assert "min left" in capsys.readouterr().out
    start = tmp_path / "run" / "weights" / "decoder.safetensors"
    other = [str(tmp_path / "warm") if value == str(tmp_path / "run") else value for value in common]
    main([*other, "--start", str(start), "--minutes", "0.0001"])
    assert (tmp_path / "warm" / "weights" / "decoder.safetensors").exists()


def test_all_figures_of_a_file_are_written(photos, taef2_folder, pair, listed, lanes, tmp_path, capsys) -> None:
    weights = save_decoder(decoder_task(pair, listed, lanes, tmp_path).finished(), tmp_path)
    out = tmp_path / "figures.json"
    common = ["--taef2", str(taef2_folder), "--photos", str(photos), "--lanes", "2"]
    main(["evaluate", "--weights", str(weights), "--out", str(out), "--side", "64", "--limit", "2", *common])
    found = json.loads(out.read_text())
    assert len(found["samples"]) == 3 * min(2, len(split(listed)[1]))
    table = found["tables"]["all"]
    assert table["exact.preservation-gain"] > 1
    # Before training nothing is changed where there is no picture.
    assert table["nomask.asymmetric.psnr"] == pytest.approx(table["nomask.plain.psnr"], abs=0.01)
    assert "seam-share" in capsys.readouterr().out


def test_the_held_out_list_names_those_that_are(photos, listed, tmp_path) -> None:
    main(["held-out", "--photos", str(photos), "--out", str(tmp_path / "list.tsv")])
    lines = (tmp_path / "list.tsv").read_text().splitlines()[1:]
    assert sorted(line.split("\t")[0] for line in lines) == sorted(f"all/{p.path.name}" for p in split(listed)[1])


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_configuration_can_be_read(path: Path) -> None:
    kind = {"decoder": configs.DecoderConfig, "denoiser": configs.DenoiserConfig, "paper": configs.PaperConfig}
    config = configs.load(path, kind[path.stem.split("-")[0]])
    assert config.crop % 8 == 0


def test_a_misspelt_setting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("bach = 4\n")
    with pytest.raises(SystemExit, match="no setting bach"):
        configs.load(tmp_path / "wrong.toml", configs.DecoderConfig)
