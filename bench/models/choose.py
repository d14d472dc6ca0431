#!/usr/bin/env python3
"""Chooses hyper-parameters of one model on validation data, which is cut from the training part of the protocol: what the
final figure is measured on plays no part.

  choose.py PENSTOCK TOPOLOGY MODEL PROTOCOL METRIC name=value,value ... [name=value,value ...]

Measures every combination in one run of `penstock evaluate --validation` and prints them, the best first."""
import itertools
import json
import subprocess
import sys
import tempfile

import yaml


def main():
    penstock, topology, model, protocol, metric = sys.argv[1:6]
    grid = [(name, values.split(",")) for name, values in (argument.split("=", 1) for argument in sys.argv[6:])]
    with open(topology, encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    variants = {}
    for number, values in enumerate(itertools.product(*(values for _, values in grid))):
        chosen = {name: yaml.safe_load(value) for (name, _), value in zip(grid, values)}
        variants[f"v{number}"] = (chosen, {**spec["models"][model], **chosen})
    spec["models"] = {name: declared for name, (_, declared) in variants.items()}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        yaml.safe_dump(spec, file)
        file.flush()
        run = subprocess.run([penstock, "evaluate", file.name, "--protocol", protocol, "--validation", "--format", "json"],
                             stdout=subprocess.PIPE, check=True)
    measured = {each["name"]: each["metrics"][metric]["value"] for each in json.loads(run.stdout)["models"]}
    for name in sorted(variants, key=lambda name: -measured[name]):
        print(f"{metric} {measured[name]:.4f}  " + " ".join(f"{k}={v}" for k, v in variants[name][0].items()))


main()
