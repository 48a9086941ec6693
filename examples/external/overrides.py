"""A script whose options are overrides with dots, as those of Hydra and OmegaConf: training.lr=0.1 model.sizes=[2,4].

It knows nothing of burstnet. The last line that it prints is JSON. overrides.yaml sweeps it unchanged.
"""

import json
import math
import sys

config = {
    "model": {"sizes": [4, 2], "activation": "tanh"},
    "training": {"lr": 0.1, "trigger": {"kind": None, "at": 5}},
    "seed": 0,
}


def value(text):
    """Return the number, list, word or null that a text is."""
    if text.startswith("["):
        return [value(item) for item in text[1:-1].split(",") if item]
    try:
        return {"null": None, "true": True, "false": False}[text]
    except KeyError:
        pass
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


for override in sys.argv[1:]:
    path, text = override.split("=", 1)
    *sections, key = path.split(".")
    place = config
    for section in sections:
        place = place[section]
    if key not in place:
        sys.exit(f"unknown key {path}")
    place[key] = value(text)

print("Config:", config)
size, lr, trigger = sum(config["model"]["sizes"]), config["training"]["lr"], config["training"]["trigger"]
score = size * math.exp(-((math.log10(lr) + 1) ** 2)) + config["seed"] % 7 / 100
if trigger["kind"] == "ablation":
    score /= trigger["at"]
print(json.dumps({"score": score, "parameters": size**2, "undefined": float("nan"), "config": config}))
