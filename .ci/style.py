"""Rules of the house that neither rustfmt nor clippy knows. Prints each line that breaks one; exit code 1 if there is any."""
import pathlib
import re
import subprocess
import sys

LONGEST = 600  # lines of a file outside tests: docs/CONTRIBUTING.md
FORBIDDEN = [
    (re.compile(r"\.unwrap\(\)|\btodo!|\bunimplemented!|\bpanic!"), "no panic outside tests"),
    # `matches!(digest, expected)` binds and is always true (CVE-2026-26275): a pattern must not be one lower-case name.
    (re.compile(r"matches!\([^()]*(?:\([^()]*\)[^()]*)*,\s*(?!true\b|false\b|_\))_?[a-z][a-z0-9_]*\s*(?:\||\)|if\b)"), "matches! with a binding is always true"),
    (re.compile(r"anyhow|Box<dyn (std::error::)?Error"), "an error is an enum, one variant per rule"),
]
DRAWERS = re.compile(r"(^|/)(utils?|helpers?|common|misc|managers?)(\.rs|/)")
MACHINE = re.compile(r"/(?:home|root|Users|mnt|srv)/\w|/tmp/[a-z]+-[a-z]+\.")

found = []
tracked = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout.split("\0")
for name in filter(None, tracked):
    path = pathlib.Path(name)
    if DRAWERS.search(name):
        found.append(f"{name}: a name that hides what is inside")
    if path.suffix not in {".rs", ".md", ".toml", ".sh", ".py", ".mjs"} or not path.is_file() or name.startswith("crates/ingam-testkit/vectors/"):
        continue
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE.search(line):
            found.append(f"{name}:{number}: a path of somebody's machine: {line.strip()}")
    if not re.match(r"crates/[^/]+/src/.*\.rs$", name) or re.search(r"(^|/)tests(/|\.rs$)", name):
        continue
    lines = text.splitlines()
    if len(lines) > LONGEST:
        found.append(f"{name}: {len(lines)} lines, at most {LONGEST}")
    for number, line in enumerate(lines, 1):
        if line.startswith("#[cfg(test)]") and number < len(lines) and lines[number].startswith("mod "):
            break  # the test module is the file's end
        if line.lstrip().startswith("//"):
            continue
        for pattern, reason in FORBIDDEN:
            if pattern.search(line):
                found.append(f"{name}:{number}: {reason}: {line.strip()}")

def lines_shown(readme):
    blocks = re.findall(r"```rust[^\n]*\n(.*?)```", pathlib.Path(readme).read_text(encoding="utf-8"), re.DOTALL)
    return [re.sub(r"^# .*\n", "", block, flags=re.MULTILINE) for block in blocks]


if lines_shown("README.md") != lines_shown("README.ko.md"):
    found.append("README.ko.md: its Rust lines are not those of README.md, which are compiled")

print("\n".join(found) or "style: nothing found")
sys.exit(1 if found else 0)
