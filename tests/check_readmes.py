#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every README's names still exist: `function()`, `Type::member` and `snake_case` in the sources, `folder/file` in the tree.

Also: each source folder has a README, and README.md names the two commands a newcomer needs.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# `function()`, `Type::member` or a lone snake_case name: the last word of it.
NAME = re.compile(r"`(?:[A-Za-z_]\w*(?:::|\.|->))*([A-Za-z_]\w*)\([^`]*\)`"
                  r"|`(?:[A-Za-z_]\w*::)+([A-Za-z_]\w*)`|`([a-z]\w*_\w+)`")
PATH = re.compile(r"`((?:\.?[\w.-]+/)*[\w.-]+\.(?:cpp|hpp|h|py|sh|toml|proto|build|md))`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def tracked():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def words_of_sources(files):
    words = set()
    for name in files:
        if name.endswith((".cpp", ".hpp", ".h", ".py", ".sh", ".proto", "meson.build")):
            words.update(re.findall(r"[A-Za-z_]\w*", (ROOT / name).read_text(errors="replace")))
    return words


def problems_of(readme, files, words):
    text = (ROOT / readme).read_text()
    here = pathlib.PurePosixPath(readme).parent
    for number, line in enumerate(text.splitlines(), 1):
        for name in map("".join, NAME.findall(line)):
            if name not in words:
                yield f"{readme}:{number}: `{name}` is in no source"
        for path in PATH.findall(line):
            if not any(f == path or f == str(here / path) or f.endswith("/" + path) for f in files):
                yield f"{readme}:{number}: `{path}` does not exist"
        for link in LINK.findall(line):
            if not (ROOT / here / link).exists():
                yield f"{readme}:{number}: link to {link} leads nowhere"


def main():
    files = tracked()
    words = words_of_sources(files)
    readmes = [name for name in files if name.endswith(".md")]
    problems = [p for readme in readmes for p in problems_of(readme, files, words)]
    for folder in ("mgm", "dataplane", "control", "apps", "tests"):
        if f"{folder}/README.md" not in readmes:
            problems.append(f"{folder}/ has no README.md")
    front = (ROOT / "README.md").read_text() if "README.md" in readmes else ""
    problems += [f"README.md does not name {command}"
                 for command in ("apps/quickstart.sh", "tests/run.sh") if command not in front]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
