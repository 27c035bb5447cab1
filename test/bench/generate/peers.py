"""The same inpainting in diffusers, on the CPU in float32; prints one line of JSON with what it took.

Argument, as JSON: {"model", "photo", "mask", "steps", "prompt", "output"}.
"""

import json
import os
import resource
import sys
import time

began = time.perf_counter()
import torch
from diffusers import AsymmetricAutoencoderKL, PNDMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

imported = time.perf_counter()
order = json.loads(sys.argv[1])
torch.set_num_threads(os.cpu_count())


def part(name, kind):
    return kind.from_pretrained(os.path.join(order["model"], name), torch_dtype=torch.float32)


pipeline = StableDiffusionInpaintPipeline(
    vae=part("vae", AsymmetricAutoencoderKL),
    text_encoder=part("text_encoder", CLIPTextModel),
    tokenizer=CLIPTokenizer.from_pretrained(os.path.join(order["model"], "tokenizer"), model_max_length=77),
    unet=part("unet", UNet2DConditionModel),
    scheduler=PNDMScheduler.from_pretrained(os.path.join(order["model"], "scheduler")),
    safety_checker=None,
    feature_extractor=None,
    requires_safety_checker=False,
)
pipeline.set_progress_bar_config(disable=True)
loaded = time.perf_counter()
made = pipeline(
    prompt=order["prompt"],
    image=Image.open(order["photo"]).convert("RGB"),
    mask_image=Image.open(order["mask"]).convert("L"),
    height=512,
    width=512,
    strength=1.0,
    num_inference_steps=order["steps"],
    guidance_scale=7.5,
    generator=torch.Generator().manual_seed(1),
).images[0]
made.save(order["output"])
done = time.perf_counter()
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "busy": usage.ru_utime + usage.ru_stime,
            "megabytes": usage.ru_maxrss / 1024,
            "imports": imported - began,
            "loading": loaded - imported,
            "generating": done - loaded,
        }
    )
)
