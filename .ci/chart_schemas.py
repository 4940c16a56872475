"""What .ci/chart.py needs of Kubernetes: the schemas of its objects and of the CRDs, strict, and misspelt objects."""

import copy
import json
import pathlib

import jsonschema
import kubernetes_validate
import referencing

# What is above a key that may have any name. Of a resource's own names, such as a limit's, no schema knows all.
FREE = {"labels", "annotations", "matchLabels", "data", "nodeSelector", "limits", "requests"}
FREE_OF_TRIGGERS = {"metadata"}  # each of KEDA's triggers has its own


class Schemas:
    """The schemas of one version of Kubernetes, and those of the CRDs, all strict."""

    def __init__(self, version, crds):
        self.dir = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
        self.dir /= f"v{version}.0-local-strict"
        self.definitions = json.loads((self.dir / "_definitions.json").read_text())
        self.validators = {}
        for crd in crds:
            names = crd["spec"]["names"]
            for v in crd["spec"]["versions"]:
                key = (f"{crd['spec']['group']}/{v['name']}", names["kind"])
                schema = strict(v["schema"]["openAPIV3Schema"])
                schema["properties"]["metadata"] = {"type": "object"}
                self.validators[key] = jsonschema.Draft202012Validator(schema)

    def of(self, api_version, kind):
        key = (api_version, kind)
        if key not in self.validators:
            group = api_version.replace("/", "-").split("-")
            short = "-".join([group[0].split(".")[0], *group[1:]])
            path = self.dir / f"{kind.lower()}-{short}.json"
            if not path.exists():
                return None
            registry = referencing.Registry().with_resources([
                ("_definitions.json", referencing.Resource.from_contents(self.definitions)),
                (self.definitions.get("$id", "_definitions"), referencing.Resource.from_contents(self.definitions)),
            ])
            schema = json.loads(path.read_text())
            self.validators[key] = jsonschema.Draft202012Validator(schema, registry=registry)
        return self.validators[key]

    def mistakes(self, item):
        """What is wrong with an object. One of a kind that nobody knows is a mistake too."""
        validator = self.of(item["apiVersion"], item["kind"])
        if validator is None:
            return [f"no schema for {item['apiVersion']} {item['kind']}"]
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(item)]


def strict(schema):
    """A CRD's schema that refuses fields which it does not name."""
    if isinstance(schema, list):
        return [strict(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema and isinstance(schema["properties"], dict) and schema.get("type") == "object":
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            out.setdefault("additionalProperties", False)
    return out


def misspellings(item, path=()):
    """Copies of an object, each with one key misspelt, and where. The keys of free mappings have no spelling."""
    def walk(node, path):
        if isinstance(node, list):
            for i, each in enumerate(node):
                yield from walk(each, (*path, i))
        elif isinstance(node, dict):
            for key, value in node.items():
                if not is_free(item["kind"], path):
                    yield (*path, key)
                    yield from walk(value, (*path, key))

    for where in walk(item, path):
        if where in (("apiVersion",), ("kind",)):
            continue
        wrong = copy.deepcopy(item)
        node = wrong
        for step in where[:-1]:
            node = node[step]
        node[where[-1] + "x"] = node.pop(where[-1])
        yield wrong, ".".join(map(str, where))


def is_free(kind, path):
    if not path:
        return False
    if kind == "ScaledObject" and path[-1] in FREE_OF_TRIGGERS and "triggers" in path:
        return True
    if kind == "Service" and path[-1] == "selector":
        return True  # check_selectors has it
    # Kubernetes knows the metadata of an object that a CRD describes; its schema does not.
    return path[-1] in FREE or (kind in ("ScaledObject", "ServiceMonitor") and path[0] == "metadata")
