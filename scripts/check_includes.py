#!/usr/bin/env python3
"""Checks the shape of the source tree, as docs/architecture.md draws it:
- includes between rooms point one way;
- each outside library is included only behind its door;
- no two headers define a class of the same full name (the linker would silently take the code of one for both);
- no file is longer than 400 lines, and none carries unfinished business.
Prints `file:line: what is wrong`, one line each; exit code 1 if there are any."""
import re
import subprocess
import sys

# Which rooms a room may include, beside itself.
BELOW = {
    "core": [],
    "messages": ["core"],
    "sql": ["core", "messages"],
    "storage": ["core", "messages"],
    "models": ["core"],
    "topology": ["core", "messages", "sql"],
    "config": ["core", "messages", "topology"],
    "monitoring": ["core", "messages"],
    "actors": ["core", "messages", "sql", "storage", "models", "topology", "config", "monitoring"],
}
BELOW["cli"] = [*BELOW, "actors"]

# Which files may include an outside library's headers.
DOORS = {
    r"caf/": r"actors/.*_actor(_\w+)?\.(h|cc)|actors/(supervision|regions)/.*|messages/actor_protocol\.(h|cc)|main\.cc",
    r"(soci/|sqlite3\.h|libpq)": r"actors/databases/soci_.*",
    r"lmdb\.h": r"storage/lmdb_.*",
    r"librdkafka/": r"actors/(kafka|sources|sinks)/kafka_.*",
    r"pg_query": r"sql/parse\.cc|sql/pg_.*\.cc",
    r"Eigen/": r"models/.*\.cc|bench/.*",
    r"prometheus/": r"monitoring/.*",
    r"boost/": r"actors/servers/http_.*|cli/http_.*\.cc",
    r"yaml-cpp/": r"topology/parse\.cc",
    r"simdjson": r"(messages|cli)/.*\.cc|cli/answer_json\.h",
    r"rapidjson/": r".*\.cc|sql/ast_reader\.h",
    r"(csv\.h|zlib\.h|zstd\.h)": r"(messages|storage|actors/sources)/.*\.cc",
    r"spdlog/": r"monitoring/.*\.cc",
    r"CLI/": r"cli/.*\.cc",
    r"re2/": r"actors/stages/pattern\.cc",
    r"xxhash\.h": r".*\.cc",
    r"google/protobuf/": r"(messages/protobuf_|storage/model_record).*\.cc",
    r"hnswlib/": r"models/graph_index\.cc|bench/.*",
}
LIMIT = 400

problems = []
classes = {}  # full name → where it is defined


def check(path, lines):
    room = path.split("/")[0] if "/" in path else "main"
    tested = room in ("tests", "bench")
    for number, line in enumerate(lines, 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            problems.append(f"{path}:{number}: unfinished: {line.strip()}")
        own = re.match(r'#include "([^/"]+)/', line)
        if own and not tested and room in BELOW and own[1] in BELOW and own[1] != room and own[1] not in BELOW[room]:
            problems.append(f"{path}:{number}: {room} may not include {own[1]} (only {', '.join(BELOW[room]) or 'itself'})")
        outside = re.match(r"#include [<\"]([^>\"]+)[>\"]", line)
        for library, door in DOORS.items():
            if outside and not tested and re.match(library, outside[1]) and not re.fullmatch(door, path):
                problems.append(f"{path}:{number}: {outside[1]} is included outside its door ({door})")
    if path.endswith(".h") and not tested:
        namespace = ""
        for number, line in enumerate(lines, 1):
            opened = re.match(r"namespace ([\w:]+) \{", line)
            namespace = opened[1] if opened else namespace
            defined = re.match(r"(?:class|struct) (\w+)(?: final)?(?: :| \{)", line)
            if defined:
                first = classes.setdefault((namespace, defined[1]), f"{path}:{number}")
                if first != f"{path}:{number}":
                    problems.append(f"{path}:{number}: {namespace}::{defined[1]} is also defined in {first}")
    if len(lines) > LIMIT:
        problems.append(f"{path}:{LIMIT}: {len(lines)} lines; a file has at most {LIMIT}: look for the second concept")


files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
                       capture_output=True, text=True, check=True).stdout.split()
for path in sorted(set(files)):
    try:
        with open(path, encoding="utf-8") as file:
            check(path, file.read().splitlines())
    except FileNotFoundError:
        continue  # deleted, not yet committed
for problem in problems:
    print(problem)
print(f"check_includes: {len(files)} files, {len(problems)} problems", file=sys.stderr)
sys.exit(1 if problems else 0)
