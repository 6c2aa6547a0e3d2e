"""Validates manifests (YAML) against job.json: python3 validate.py FILE... prints what is wrong."""

import json
import sys
from pathlib import Path

import jsonschema
import yaml

schema = json.loads(Path(__file__).with_name("job.json").read_text())
validator = jsonschema.validators.validator_for(schema)(schema)
wrong = 0
for name in sys.argv[1:]:
    for document in yaml.safe_load_all(Path(name).read_text()):
        for error in validator.iter_errors(document):
            wrong += 1
            place = "/".join(str(part) for part in error.absolute_path)
            print(f"{name}: {place}: {error.message}")
sys.exit(1 if wrong else 0)
