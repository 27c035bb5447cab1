"""Fills the holes of NNN.png (mask NNN-mask.png) in a folder with the fills Python has: OpenCV's and pypatchmatch.

Writes NNN-<fill>.png and prints one JSON line a fill: {"case", "fill", "seconds"}. A package that is missing is left out.
"""

import glob
import json
import os
import sys
import time

import numpy as np
from PIL import Image

fills = {}
try:
    import cv2

    fills["Telea"] = lambda rgb, mask: cv2.inpaint(rgb, mask, 5, cv2.INPAINT_TELEA)
    fills["Navier-Stokes"] = lambda rgb, mask: cv2.inpaint(rgb, mask, 5, cv2.INPAINT_NS)
except ImportError:
    pass
try:
    from patchmatch import patch_match

    if patch_match.patchmatch_available:
        # Patch size 3 is what InvokeAI passes; the package's own default, 15, is ten times slower.
        fills["pypatchmatch"] = lambda rgb, mask: patch_match.inpaint(rgb, mask[..., None], patch_size=3)
except ImportError:
    pass

folder = sys.argv[1]
for path in sorted(glob.glob(os.path.join(folder, "[0-9][0-9][0-9].png"))):
    rgb = np.array(Image.open(path).convert("RGB"))
    mask = np.array(Image.open(path[:-4] + "-mask.png").convert("L"))
    for name, fill in fills.items():
        start = time.perf_counter()
        filled = fill(rgb.copy(), mask)
        seconds = time.perf_counter() - start
        filled = np.where(mask[..., None] > 0, filled, rgb)
        Image.fromarray(filled).save(f"{path[:-4]}-{name}.png", compress_level=1)
        print(json.dumps({"case": os.path.basename(path)[:-4], "fill": name, "seconds": seconds}), flush=True)
