"""Times one network in PyTorch, in the default and in the channels-last memory format, and prints one line of JSON.

Reads from standard input: {"name", "config", "inputs": {name: shape}, "runs", "file", "threads"}. The weights are those of the
`.safetensors` file, computed in float32.
"""

import json
import os
import sys
import time

import torch
from diffusers import AsymmetricAutoencoderKL, AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel

order = json.load(sys.stdin)
torch.set_num_threads(order["threads"])
torch.manual_seed(1)
name = order["name"]


def sized(key):
    return torch.randn(order["inputs"][key])


with torch.no_grad():
    if name.startswith("unet"):
        model = UNet2DConditionModel.from_config(order["config"])
        inputs = (sized("sample"), torch.tensor(500), sized("encoder_hidden_states"))
        call = lambda x: model(*x, return_dict=False)
    elif name == "text":
        model = CLIPTextModel(CLIPTextConfig(**order["config"]))
        inputs = (torch.arange(77)[None],)
        call = lambda x: model(*x)
    elif name == "vae":
        model = AutoencoderKL.from_config(order["config"])
        inputs = (sized("latents"),)
        call = lambda x: model.decode(*x, return_dict=False)
    else:
        model = AsymmetricAutoencoderKL.from_config(order["config"])
        mask = torch.zeros(order["inputs"]["mask"])
        mask[..., 128:384, 128:384] = 1
        inputs = (sized("latents"), None, sized("image"), mask)
        call = lambda x: model.decode(x[0], image=x[2], mask=x[3], return_dict=False)
    weights = {key: value.float() for key, value in load_file(order["file"]).items()}
    # Newer transformers name the text encoder's weights without this prefix.
    if name == "text" and "text_model.final_layer_norm.bias" not in model.state_dict():
        weights = {key.removeprefix("text_model."): value for key, value in weights.items()}
    # The base size's file has its decoder only; everything else has to fit.
    left = model.load_state_dict(weights, strict=False)
    if left.unexpected_keys or any(not key.startswith(("encoder", "quant_conv")) and "position_ids" not in key for key in left.missing_keys):
        sys.exit(f"the weights do not fit: {str(left)[:300]}")
    model.eval()

    result = {}
    for label, memory_format in {"default": torch.contiguous_format, "channels-last": torch.channels_last}.items():
        if label != "default" and name == "text":
            continue
        model = model.to(memory_format=memory_format)
        fed = tuple(
            one.to(memory_format=memory_format) if one is not None and one.dim() == 4 else one for one in inputs
        )
        seconds, busy = [], []
        for _ in range(order["runs"] + 1):
            start, cpu = time.perf_counter(), os.times()
            call(fed)
            end = os.times()
            seconds.append(time.perf_counter() - start)
            busy.append((end.user - cpu.user + end.system - cpu.system) / order["threads"])
        result[label] = {"seconds": seconds, "busy": busy}
print(json.dumps(result))
