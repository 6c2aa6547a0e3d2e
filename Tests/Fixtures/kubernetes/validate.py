"""Validates manifests (JSON) against job.json: python3 validate.py FILE... prints what is wrong."""

import json
import sys
from pathlib import Path

import jsonschema

schema = json.loads(Path(__file__).with_name("job.json").read_text())
validator = jsonschema.validators.validator_for(schema)(schema)
wrong = 0
for name in sys.argv[1:]:
    for error in validator.iter_errors(json.loads(Path(name).read_text())):
        wrong += 1
        place = "/".join(str(part) for part in error.absolute_path)
        print(f"{name}: {place}: {error.message}")
sys.exit(1 if wrong else 0)
