"""A decoder's held-out figures in full: all held-out photographs, three masks each, by coverage of the mask."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
from torch import nn

from .evaluate import Sample, sample_figures
from .lanes import Lanes
from .networks.asymmetric import AsymmetricDecoder

BINS = ((0.0, 0.1), (0.1, 0.3), (0.3, 1.01))
Row = dict[str, float]


def rows_of(
    encoder: nn.Module, plain: nn.Module, decoder: AsymmetricDecoder, held: list[Sample], lanes: Lanes
) -> list[Row]:
    """Figures per sample; says how long is left, as this takes a while."""
    began, rows = time.monotonic(), []
    for start in range(0, len(held), 16):
        rows += lanes.map(lambda sample: sample_figures(encoder, plain, decoder, sample), held[start : start + 16])
        left = (time.monotonic() - began) / len(rows) * (len(held) - len(rows))
        print(f"{len(rows)} of {len(held)} samples, {left / 60:.1f} min left", flush=True)
    return rows


def summary(rows: list[Row]) -> dict[str, float]:
    """Means, as PSNR where that is usual, and the three quotients that say whether the decoder is worth its while."""
    mean = {key: float(np.nanmean([row[key] for row in rows])) for key in rows[0]}
    result = {"samples": float(len(rows)), "coverage": mean["coverage"]}
    for name in ("exact", "jitter"):
        for arm in ("plain", "asymmetric"):
            key = f"{name}.{arm}"
            for figure in ("preservation", "preservation8", "seam", "seam-raw"):
                result[f"{key}.{figure}"] = mean[f"{key}.{figure}"]
            result[f"{key}.hole-psnr"] = _psnr(mean[f"{key}.hole"])
        result[f"{name}.preservation-gain"] = (
            mean[f"{name}.plain.preservation"] / mean[f"{name}.asymmetric.preservation"]
        )
        result[f"{name}.seam-share"] = mean[f"{name}.asymmetric.seam"] / mean[f"{name}.plain.seam"]
    for arm in ("plain", "asymmetric"):
        result[f"nomask.{arm}.psnr"] = _psnr(mean[f"nomask.{arm}"])
    return result


def write(rows: list[Row], path: Path) -> None:
    """Prints the table and writes it, with the samples, as JSON."""
    sets = {"all": rows}
    for low, high in BINS:
        sets[f"{low:.0%}-{min(high, 1):.0%}"] = [row for row in rows if low <= row["coverage"] < high]
    tables = {name: summary(chosen) for name, chosen in sets.items() if chosen}
    path.write_text(json.dumps({"tables": tables, "samples": rows}, indent=1) + "\n")
    print(f"{'':32}" + "".join(f"{name:>12}" for name in tables))
    for key in tables["all"]:
        print(f"{key:32}" + "".join(f"{table[key]:12.4g}" for table in tables.values()))


def _psnr(mean_square: float) -> float:
    return -10 * math.log10(mean_square)
