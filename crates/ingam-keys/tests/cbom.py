"""Validates a CycloneDX 1.6 document on standard input against the published schema in the folder named first."""
import json, pathlib, sys

from jsonschema import Draft7Validator, RefResolver

folder = pathlib.Path(sys.argv[1])
load = lambda name: json.loads((folder / name).read_text(encoding="utf-8"))
schema = load("bom-1.6.SNAPSHOT.schema.json")
base = schema["$id"].rsplit("/", 1)[0]
others = ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]
resolver = RefResolver(schema["$id"], schema, store={f"{base}/{name}": load(name) for name in others})
errors = list(Draft7Validator(schema, resolver=resolver).iter_errors(json.load(sys.stdin)))
for error in errors:
    print("/".join(map(str, error.absolute_path)), error.message[:300])
sys.exit(1 if errors else 0)
