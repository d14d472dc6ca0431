#!/usr/bin/env python3
"""Checks the Markdown files: relative links lead to a file, and a code block that follows `<!-- file: PATH -->` equals that
file. With --fix, such blocks are filled from their files. Exit code 1 if anything is wrong."""
import os
import re
import subprocess
import sys

fix = "--fix" in sys.argv
problems = []
BLOCK = re.compile(r"(<!-- file: (\S+) -->\n```\w*\n)(.*?)(```\n)", re.S)

files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
                       capture_output=True, text=True, check=True).stdout.split()
for path in files:
    if not os.path.exists(path):
        continue
    with open(path, encoding="utf-8") as file:
        text = file.read()

    def filled(match):
        with open(match[2], encoding="utf-8") as source:
            content = source.read()
        if content != match[3] and not fix:
            problems.append(f"{path}: the block of {match[2]} differs from the file; run scripts/check.sh --fix")
        return match[1] + content + match[4]

    new = BLOCK.sub(filled, text)
    if fix and new != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.S)):
        target = os.path.join(os.path.dirname(path), link)
        if "://" not in link and not link.startswith("mailto:") and not os.path.exists(target):
            problems.append(f"{path}: link to {link}, which does not exist")

for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
