"""What .ci/chart.py holds each pod, hook and disruption budget of a render to, and broken copies that must be found."""

import copy

GONE = object()

# What a broken pod has otherwise: where in its description, and the value there. Each is one that a cluster with
# Kubernetes's restricted profile refuses, or that would do harm.
BROKEN_PODS = (
    (("securityContext", "runAsNonRoot"), False),
    (("securityContext", "runAsNonRoot"), GONE),
    (("securityContext", "runAsUser"), 0),
    (("securityContext", "seccompProfile"), GONE),
    (("securityContext", "seccompProfile", "type"), "Unconfined"),
    (("containers", 0, "securityContext", "runAsUser"), 0),
    (("containers", 0, "securityContext", "runAsNonRoot"), False),
    (("containers", 0, "securityContext", "seccompProfile"), {"type": "Unconfined"}),
    (("containers", 0, "securityContext", "capabilities"), GONE),
    (("containers", 0, "securityContext", "capabilities", "drop"), ["NET_RAW"]),
    (("containers", 0, "securityContext", "capabilities", "add"), ["SYS_ADMIN"]),
    (("containers", 0, "securityContext", "readOnlyRootFilesystem"), GONE),
    (("containers", 0, "securityContext", "allowPrivilegeEscalation"), GONE),
    (("containers", 0, "securityContext", "privileged"), True),
    (("containers", 0, "lifecycle"), {"preStop": {"sleep": {"seconds": 5}}}),
    (("initContainers",), [{"name": "wait", "image": "a"}]),
    (("automountServiceAccountToken",), GONE),
    (("hostNetwork",), True),
    (("hostPID",), True),
    (("hostIPC",), True),
    (("volumes", 0), {"name": "config", "hostPath": {"path": "/"}}),
)
# What broken objects have otherwise: kind, end of the name, where, value.
WEIGHT, EVENTS = ("metadata", "annotations", "helm.sh/hook-weight"), ("metadata", "annotations", "helm.sh/hook")
BROKEN_OBJECTS = (
    ("PodDisruptionBudget", "", ("spec", "maxUnavailable"), 0),
    ("PodDisruptionBudget", "", ("spec", "maxUnavailable"), "0%"),
    ("PodDisruptionBudget", "", ("spec", "maxUnavailable"), GONE),
    ("PodDisruptionBudget", "", ("spec", "minAvailable"), 1),
    ("PodDisruptionBudget", "", ("spec", "unhealthyPodEvictionPolicy"), GONE),
    ("ConfigMap", "-hook", WEIGHT, "0"),
    ("ConfigMap", "-hook", EVENTS, "pre-upgrade"),
    ("ConfigMap", "-hook-rules", WEIGHT, "7"),
    ("NetworkPolicy", "-jobs", WEIGHT, "1"),
    ("NetworkPolicy", "-jobs", EVENTS, "pre-install,pre-upgrade"),
    ("Job", "-topics", WEIGHT, "5"),
    ("Job", "-schemas", WEIGHT, "-1"),
    ("Job", "-check", WEIGHT, GONE),
    ("Job", "-check", ("spec", "template", "spec", "serviceAccountName"), "verdict"),
    ("Job", "-topics", ("spec", "template", "spec", "volumes", 0, "configMap", "name"), "verdict"),
)
ORDER = ("-topics", "-schemas", "-check")  # the jobs, in the order in which they have to run


def pod_of(item):
    """The description of an object's pod; None if it has none."""
    if item["kind"] == "Pod":
        return item["spec"]
    return item["spec"]["template"]["spec"] if item["kind"] in ("Deployment", "Job") else None


def mistakes(items):
    found = [f"{item['kind']} {item['metadata']['name']}: {text}"
             for item in items if pod_of(item) for text in pod_mistakes(pod_of(item))]
    for item in items:
        spec = item.get("spec", {})
        if item["kind"] == "PodDisruptionBudget" and (
                str(spec.get("maxUnavailable", 0)).rstrip("%") == "0" or "minAvailable" in spec
                or spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow"):
            found.append(f"the disruption budget may keep a node from being drained: {spec}")
    return [*found, *hook_mistakes(items)]


def pod_mistakes(pod):
    """Beside what the restricted profile asks for: no file is written, no token is there, and nothing runs before or
    beside the program. A failing init container keeps pods from starting, and a hook prolongs their end."""
    context = pod.get("securityContext", {})
    if not pod.get("containers") or pod.get("initContainers"):
        yield "it has init containers, or no other ones"
    if pod.get("automountServiceAccountToken") is not False:
        yield "it has a token"
    if any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
        yield "it has a part of the host"
    if any("hostPath" in volume for volume in pod.get("volumes", [])):
        yield "it has a directory of the host"
    for container in pod.get("containers", []):
        if "lifecycle" in container:
            yield "it has a lifecycle hook"
        own = container.get("securityContext", {})
        for key, wanted in (("runAsNonRoot", True), ("seccompProfile", {"type": "RuntimeDefault"})):
            if own.get(key, context.get(key)) != wanted:
                yield f"{key} is not {wanted}"
        if own.get("runAsUser", context.get("runAsUser")) == 0:
            yield "it runs as root"
        for key, wanted in (("readOnlyRootFilesystem", True), ("allowPrivilegeEscalation", False),
                            ("capabilities", {"drop": ["ALL"]}), ("privileged", False)):
            if own.get(key, False if key == "privileged" else None) != wanted:
                yield f"{key} is not {wanted}"


def hooks(item):
    """At which events of Helm's an object is made, and its place among those of the same event."""
    notes = item["metadata"].get("annotations") or {}
    events = set(filter(None, notes.get("helm.sh/hook", "").split(",")))
    return events, int(notes.get("helm.sh/hook-weight", 0))


def hook_mistakes(items):
    """What a hook needs is there before it runs: at each of its events, and by its weight. What is no hook is there for
    the test alone, which comes after all."""
    jobs = [item for item in items if hooks(item)[0] and pod_of(item)]
    order = [job["metadata"]["name"] for job in sorted(
        (job for job in jobs if "pre-upgrade" in hooks(job)[0]), key=lambda job: hooks(job)[1])]
    expected = [name for end in ORDER for name in order if name.endswith(end)]
    weights = {hooks(job)[1] for job in jobs if "pre-upgrade" in hooks(job)[0]}
    if order != expected or len(weights) != len(order):
        yield f"the jobs run in the order {order}, or two at a time"
    for job in jobs:
        events, weight = hooks(job)
        for need in (item for item in items if needs(job, item)):
            there, before = hooks(need)
            early = there >= events and before < weight
            if not (early if there else events == {"test"}):
                yield f"{job['metadata']['name']} runs before {need['kind']} {need['metadata']['name']} is there"


def needs(job, item):
    """Whether an object has to be there for a job's pod to run."""
    pod, name = pod_of(job), item["metadata"]["name"]
    if item["kind"] == "ServiceAccount":
        return pod["serviceAccountName"] == name
    if item["kind"] == "NetworkPolicy":
        return bool(hooks(item)[0])
    return item["kind"] == "ConfigMap" and name in mounted(pod)


def mounted(pod):
    """The ConfigMaps that a pod mounts."""
    sources = [s for v in pod["volumes"] for s in [v, *v.get("projected", {}).get("sources", [])]]
    return {s["configMap"]["name"] for s in sources if "configMap" in s}


def broken(items):
    """Copies of a render, each with one thing broken, and what it is."""
    for i, item in enumerate(items):
        if pod_of(item):
            for where, value in BROKEN_PODS:
                wrong = copy.deepcopy(items)
                change(pod_of(wrong[i]), where, value)
                yield wrong, f"{item['kind']} {item['metadata']['name']}: {where}"
    for kind, end, where, value in BROKEN_OBJECTS:
        wrong = copy.deepcopy(items)
        found = [item for item in wrong if item["kind"] == kind and item["metadata"]["name"].endswith(end)]
        for item in found[:1]:
            change(item, where, value)
        yield wrong, f"{kind} ...{end}: {where}: {value}"


def change(node, where, value):
    for step in where[:-1]:
        node = node[step]
    if value is GONE:
        del node[where[-1]]
    else:
        node[where[-1]] = value
