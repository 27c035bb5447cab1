"""`python -m inlay_training decoder|denoiser|paper|pairs|evaluate|held-out`: arguments to runs."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from . import config as configs
from . import distributed, report
from .data import list_photos, split
from .decoder import DecoderTask
from .denoiser import DenoiserTask
from .evaluate import samples
from .lanes import Lanes
from .loop import Run
from .networks import taef2
from .networks.asymmetric import AsymmetricDecoder
from .networks.sd1 import rename_old_attention
from .pairs import Pairs, write_pictures
from .paper import PaperTask
from .perceptual import Perceptual
from .task import Settings, Task
from .views import Views


def main(given: Sequence[str] | None = None) -> None:
    """Runs the command line; `given` stands in for the process's own arguments."""
    arguments = _parser().parse_args(given)
    if arguments.part == "held-out":
        held_out_list(arguments.photos, arguments.classes, arguments.out)
        return
    if arguments.part == "evaluate":
        evaluate_decoder(arguments)
        return
    kinds: dict[str, type[Settings]] = {"decoder": configs.DecoderConfig, "paper": configs.PaperConfig}
    config = configs.load(arguments.config, kinds.get(arguments.part, configs.DenoiserConfig))
    train, held = split(list_photos(arguments.photos, config.photo_classes))
    if arguments.part == "pairs":
        write_pictures(arguments.out, train, config.crop, config.pairs, config.masks_each, config.seed)
        write_pictures(arguments.out / "held", held, config.crop, config.evaluate_samples, 1, config.seed)
        return
    if arguments.schedule:
        config = dataclasses.replace(config, minutes=arguments.schedule, steps=0)
    distributed.start(arguments.device)
    lanes = Lanes(arguments.lanes if arguments.device == "cpu" and arguments.part != "paper" else 1)
    torch.manual_seed(config.seed)
    make = {"decoder": _decoder, "denoiser": _denoiser, "paper": _paper}[arguments.part]
    task = make(arguments, config, train, held, lanes)
    if arguments.start and not (arguments.out / "state.pt").exists():
        weights = {key: value.float() for key, value in load_file(arguments.start).items()}
        task.network.load_state_dict(weights)
        task.average.load_state_dict(weights)
    Run(config, task, lanes, arguments.out).run(arguments.minutes)
    lanes.close()
    distributed.finish()


def held_out_list(photos: Path, classes: str, out: Path) -> None:
    """Writes the names of the held-out photographs and what their hash is taken of, as a table."""
    held = split(list_photos(photos, classes))[1]
    rows = sorted(f"{photo.group}/{photo.path.name}\t{photo.key}" for photo in held)
    out.write_text("\n".join(["file\tkey", *rows]) + "\n", encoding="utf-8")
    print(f"{len(rows)} photographs are held out")


def evaluate_decoder(a: argparse.Namespace) -> None:
    """The full held-out figures of a decoder's file, as exported."""
    lanes = Lanes(a.lanes)
    encoder, plain = _taef2(a)
    decoder = AsymmetricDecoder().to(a.device, memory_format=torch.channels_last)
    decoder.load_state_dict({key: value.float() for key, value in load_file(a.weights).items()})
    held = split(list_photos(a.photos, a.classes))[1]
    report.write(report.rows_of(encoder, plain, decoder, samples(held, a.side, a.limit, 3), lanes), a.out)
    lanes.close()


def _decoder(a: argparse.Namespace, config: Any, train: list, held: list, lanes: Lanes) -> Task:
    encoder, plain = _taef2(a)
    views = Views(a.cache or a.out, train, encoder, config.crop, config.views, config.seed)
    distributed.first_alone(lambda: views.build(lanes))
    pictures = samples(held, config.evaluate_side, config.evaluate_samples)
    return DecoderTask(config, encoder, plain, views, pictures, warm=a.start is not None)


def _denoiser(a: argparse.Namespace, config: Any, train: list, held: list, lanes: Lanes) -> Task:
    encoder, plain = _taef2(a)
    if config.begin_from == "patch-fill" and a.pairs is None:
        raise SystemExit("This configuration begins from the patch fill: give --pairs a folder of filled pictures.")
    filled = a.pairs if config.begin_from == "patch-fill" else None
    cache = a.cache or a.out
    pairs = Pairs(cache, train, encoder, config.crop, config.pairs, config.masks_each, config.seed, filled)
    distributed.first_alone(lambda: pairs.build(lanes))
    apart = filled / "held" if filled else None
    looked_at = Pairs(cache, held, encoder, config.crop, config.evaluate_samples, 1, config.seed, apart)
    distributed.first_alone(lambda: looked_at.build(lanes))
    return DenoiserTask(config, plain, pairs, looked_at)


def _paper(a: argparse.Namespace, config: Any, train: list, held: list, lanes: Lanes) -> Task:
    if a.autoencoder is None or a.lpips is None:
        raise SystemExit("The paper's setting needs --autoencoder (SD 1.x, safetensors) and --lpips (see README).")
    weights = rename_old_attention(load_file(a.autoencoder))
    pictures = samples(held, config.crop, config.evaluate_samples)
    return PaperTask(config, weights, Perceptual.from_file(a.lpips), train, pictures, a.device)


def _taef2(a: argparse.Namespace) -> tuple[torch.nn.Sequential, torch.nn.Sequential]:
    if a.taef2 is None:
        raise SystemExit("Give --taef2 the folder of taef2_encoder.safetensors and taef2_decoder.safetensors.")
    encoder, plain = taef2.load(a.taef2)
    for network in (encoder, plain):
        network.to(a.device, memory_format=torch.channels_last)
    return encoder, plain


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inlay_training", description="Trains Inlay's built-in model.")
    parts = parser.add_subparsers(dest="part", required=True)
    listed = parts.add_parser("held-out", help="list the photographs that are never trained on")
    listed.add_argument("--classes", default="A", help="licence classes that count")
    pairs = parts.add_parser("pairs", help="write the denoiser's pictures and masks, to be filled by the product")
    figures = parts.add_parser("evaluate", help="all held-out figures of a decoder's file, as a table and as JSON")
    figures.add_argument("--weights", type=Path, required=True, help="decoder.safetensors")
    figures.add_argument("--taef2", type=Path, required=True, help="folder of the frozen pair")
    figures.add_argument("--classes", default="A", help="licence classes that count")
    figures.add_argument("--side", type=int, default=256, help="pixels of a crop, a multiple of 8")
    figures.add_argument("--limit", type=int, default=1000, help="how many photographs at most, three masks each")
    figures.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    figures.add_argument("--lanes", type=int, default=torch.get_num_threads(), help="threads on a CPU")
    runs = {
        "decoder": "train the asymmetric decoder",
        "denoiser": "train the inpainting denoiser",
        "paper": "train the paper's decoder for Stable Diffusion 1.x",
    }
    for parser_of in (listed, pairs, figures):
        parser_of.add_argument("--photos", type=Path, required=True, help="folder of photographs")
        parser_of.add_argument("--out", type=Path, required=True, help="where to write")
    pairs.add_argument("--config", type=Path, required=True, help="a denoiser's TOML file of configs/")
    for name, text in runs.items():
        run = parts.add_parser(name, help=text)
        run.add_argument("--config", type=Path, required=True, help="a TOML file of configs/")
        run.add_argument("--photos", type=Path, required=True, help="folder of photographs")
        run.add_argument("--out", type=Path, required=True, help="folder of the run; an earlier run is resumed")
        run.add_argument("--minutes", type=float, help="stop after this slice of the schedule; run again to go on")
        run.add_argument("--schedule", type=float, help="minutes of the whole schedule, in place of the configured")
        run.add_argument("--start", type=Path, help="weights to start from, without optimiser state")
        run.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
        run.add_argument("--lanes", type=int, default=torch.get_num_threads(), help="threads on a CPU")
        run.add_argument("--taef2", type=Path, help="folder of taef2_{encoder,decoder}.safetensors")
        run.add_argument("--cache", type=Path, help="folder of encoded crops (in --out, if not given)")
        if name == "denoiser":
            run.add_argument("--pairs", type=Path, help="folder of pictures filled by the product")
        if name == "paper":
            run.add_argument("--autoencoder", type=Path, help="SD 1.x autoencoder, safetensors, diffusers' names")
            run.add_argument("--lpips", type=Path, help="VGG-16 and LPIPS weights, safetensors")
    return parser
