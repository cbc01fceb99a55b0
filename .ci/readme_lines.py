"""Prints the Rust lines of the README that follow the comment `<!-- NAME -->`, as rustdoc would compile them: readme_lines.py README.md NAME"""
import re
import sys

readme, name = sys.argv[1:]
text = open(readme, encoding="utf-8").read()
found = re.search(rf"<!-- {re.escape(name)} -->\s*```rust[^\n]*\n(.*?)```", text, re.DOTALL)
if not found:
    sys.exit(f"{readme} has no Rust lines after <!-- {name} -->")
print("#![allow(dead_code)] // they are shown, not called\n")
print(re.sub(r"^#(?: |$)", "", found.group(1), flags=re.MULTILINE))  # `# ` hides a line from the reader, not from rustdoc
