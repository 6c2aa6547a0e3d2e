"""Cuts the schema of batch/v1 Job out of the JSON schemas of Kubernetes:

    pip download --no-deps kubernetes-validate==1.37.0
    python3 generate.py kubernetes_validate-1.37.0-py3-none-any.whl

The package (Apache licence) carries the schemas that Kubernetes publishes as OpenAPI. Taken is the strict
form, which refuses fields that it does not know; descriptions are left out, and so is what the manifests
never use (affinity, ephemeral containers, volumes of special providers): those fields are refused as well.
"""

import json
import sys
import zipfile
from pathlib import Path

VERSION = "v1.31.0"
FOLDER = f"kubernetes_validate/kubernetes-json-schema/{VERSION}-local-strict"
UNUSED = {
    "affinity", "ephemeralContainers", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe",
    "managedFields", "resourceClaims", "topologySpreadConstraints", "awsElasticBlockStore", "azureDisk",
    "azureFile", "cephfs", "cinder", "csi", "downwardAPI", "ephemeral", "fc", "flexVolume", "flocker",
    "gcePersistentDisk", "gitRepo", "glusterfs", "image", "iscsi", "photonPersistentDisk",
    "portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
}


def cut(value, isProperties=False):
    if isinstance(value, list):
        return [cut(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if isProperties:
        return {
            key: cut(entry) for key, entry in value.items()
            if key not in UNUSED or "description" in entry and key == "image" and entry.get("type")
        }
    result = {
        key: cut(entry, key == "properties") for key, entry in value.items()
        if key != "description" and not key.startswith("x-kubernetes")
    }
    if "$ref" in result:
        result["$ref"] = "#" + result["$ref"].split("#")[1]
    return result


def references(value):
    if isinstance(value, dict):
        for key, entry in value.items():
            if key == "$ref":
                yield entry.split("/")[-1]
            else:
                yield from references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from references(entry)


with zipfile.ZipFile(sys.argv[1]) as package:
    job = cut(json.loads(package.read(f"{FOLDER}/job-batch-v1.json")))
    del job["properties"]["status"]
    definitions = json.loads(package.read(f"{FOLDER}/_definitions.json"))["$defs"]
kept, pending = {}, list(references(job))
while pending:
    name = pending.pop()
    if name not in kept:
        kept[name] = cut(definitions[name])
        pending += references(kept[name])
job["$defs"] = dict(sorted(kept.items()))
text = json.dumps(job, indent=1, sort_keys=True)
Path(__file__).with_name("job.json").write_text(text + "\n")
print(len(text), "bytes,", len(kept), "definitions")
