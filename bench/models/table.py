#!/usr/bin/env python3
"""Prints a Markdown table row for each model of `penstock evaluate --format json`, read from standard input.

  table.py DATA PROTOCOL [--head]"""
import json
import sys

COLUMNS = {
    "llo": ["hr@10", "ndcg@10", "recall@20", "mrr"],
    "temporal": ["hr@10", "ndcg@10", "recall@20", "mrr"],
    "r80": ["recall@20", "recall@20/|T|", "ndcg@10", "hr@10"],
}


def main():
    data, protocol = sys.argv[1:3]
    report = json.load(sys.stdin)
    columns = COLUMNS[protocol]
    print(f"\n**{data}, {protocol}**: {report['users']} users, {report['items']} items, "
          f"{report['train_interactions']} interactions to learn from, {report['held_out_interactions']} to foretell\n")
    heads = [column.replace("|", "\\|") for column in columns]
    print(f"| model | {' | '.join(heads)} | seconds |")
    print("| --- |" + " --- |" * (len(columns) + 1))
    for model in report["models"]:
        cells = []
        for column in columns:
            value = model["metrics"][column]
            half = (value["high"] - value["low"]) / 2
            cells.append(f"{value['value']:.4f} ± {half:.4f}")
        print(f"| {model['name']} | {' | '.join(cells)} | {model['seconds']:.2f} |")


main()
