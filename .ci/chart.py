"""What must hold of the chart in deploy/chart. Run by .ci/chart, which gets helm and the schemas.

For each set of values in deploy/chart/ci: `helm lint --strict`, and the render is the committed one. Each object in it
is one that Kubernetes knows, in the oldest version that the chart allows and in the newest one, without unknown fields.
So that this means something, each key of each object is misspelt once, and must be refused. No pod has a right that it
does not need, and what a hook needs is there before it (chart_pods.py); this is tried by broken copies, too. Other
rules leave the pods as they are, another configuration does not. Other values render what is valid, too, and those that
would do harm are refused.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import yaml

import chart_cluster
import chart_pods
from chart_schemas import Schemas, misspellings

CHART = pathlib.Path("deploy/chart")
SETS = ("minimal", "production", "everything")
VERSIONS = ("1.27", "1.37")

# Values over those of production-values.yaml that the chart must refuse, and a word of why.
REFUSED = (
    ("config.kafka.instance_id=a", "shut each other out"),
    ("extraEnv[0].name=VERDICT_KAFKA_INSTANCE_ID,extraEnv[0].value=a", "shut each other out"),
    ("config.kafka.sasl.password=a", "ConfigMap"),
    ("config.registry.password=a", "ConfigMap"),
    ("config.kafka\\.sasl\\.password=a", "'kafka.sasl.password'"),
    ("config.kafka.sasl\\.password=a", "'sasl.password'"),
    ("config.kafka.brokers=null", "brokers"),
    ("config.catalog.overlay=/a", "config.catalog.overlay"),
    ("image.repository=", "repository"),
    ("image.digest=sha256:1", "digest"),
    ("terminationGracePeriodSeconds=14", "too short"),
    ("config.shutdown_timeout=30s,terminationGracePeriodSeconds=36", "too short"),
    ("config.shutdown_timeout=30", "config"),
    ("extraEnv[0].name=VERDICT_HTTP_ADDRESS,extraEnv[0].value=a", "VERDICT_HTTP_ADDRESS"),
    ("extraEnv[0].name=VERDICT_KAFKA_SASL_USERNAME,extraEnv[0].value=a", "topics.kafka.sasl.username"),
    ("rules.existingConfigMap=a", "keep one"),
    ("rules.files.x\\.txt=a", "x.txt"),
    ("resources.limits.memory=1GB", "limits.memory"),
    ("resources.limits.memory=0", "limits.memory"),
    ("jobs.resources.limits.memory=0", "limits.memory"),
    ("networkPolicy.dnsPorts=null", "dnsPorts"),
    ("config.kafka.brokers[0]=kafka", "host:port"),
    ("config.http.address=:80", "config.http.address"),
    ("labels.app\\.kubernetes\\.io/name=a", "app.kubernetes.io/name"),
    ("podLabels.app\\.kubernetes\\.io/component=a", "app.kubernetes.io/component"),
    ("serviceMonitor.labels.helm\\.sh/chart=a", "helm.sh/chart"),
    ("rules.files=null", "cases lie beside rules"),
    ("rules.files=null,rules.cases=null,rules.whole=true", "rules.whole"),
    ("rules.files=null,rules.cases=null,rules.existingCases.configMap=a,rules.existingCases.files[0]=a.yaml",
     "cases lie beside rules"),
    ("rules.existingCases.configMap=a", "rules.existingCases.files"),
    ("rules.existingCases.files[0]=a.yaml", "rules.existingCases.configMap"),
    *((f"extraEnv[0].name=VERDICT_{name},extraEnv[0].value=a", f"VERDICT_{name}: ")
      for name in ("KAFKA_GROUP", "KAFKA_BROKERS", "TOPICS_RAW", "REGISTRY_URL", "CATALOG_DIR", "CATALOG_OVERLAY",
                   "KAFKA_SASL_PASSWORD", "KAFKA_SASL_PASSWORD_FILE")),
    ("keda.minReplicas=0", "minReplicas"),
    ("keda.enabled=true", "keda.maxReplicas"),
    ("keda.enabled=true,keda.maxReplicas=1", "keda.maxReplicas"),
    ("keda.downSeconds=60", "downSeconds"),
    ("replica=3", "replica"),
)

# Values over the same that are taken, and render what is valid, too.
TAKEN = (
    "replicas=1",
    "resources.limits=null",
    "resources.limits.memory=536870912",
    "topics.enabled=false,schemas.register=false",
    "topics.enabled=false,schemas.register=false,check.beforeUpgrade=false",
    "check.beforeUpgrade=false",
    "topics.enabled=false,check.beforeUpgrade=false",
    "rules.files=null,rules.cases=null",
    "serviceAccount.create=false",
    "podSecurityContext.runAsUser=null",
    "topologySpreadConstraints=null",
    "kafka.tls.caKey=",
    "networkPolicy.kafka.ports=null,networkPolicy.registry.ports=null,networkPolicy.dns=null",
    "keda.enabled=true,keda.minReplicas=1,keda.maxReplicas=12",
    "strategy.type=Recreate",
    "image.tag=1.0_",
    "image.tag=_" + 62 * "a" + "-b",
    "jobs.activeDeadlineSeconds=1000000",
    "config.registry=null,config.output.format=json,config.topics=null,config.catalog=null,config.http=null",
    "config.kafka.group=null,config.kafka.tls=null",
    "labels.app\\.kubernetes\\.io/part-of=a",
    "rules.files=null,rules.cases=null,config.catalog.overlay=/a",
    "rules.files=null,rules.cases=null,extraEnv[0].name=VERDICT_CATALOG_OVERLAY,extraEnv[0].value=/a",
    "config.shutdown_timeout=1h1m1s1ms,config.kafka.silent_timeout=10m",
)

failures = []


def fail(text):
    failures.append(text)
    print("FAILED", text, flush=True)


def helm(tool, *args):
    nobody = {**os.environ, "KUBECONFIG": os.devnull}  # whoever runs this may have a cluster
    return subprocess.run([tool, *args], capture_output=True, text=True, check=False, env=nobody)


def render(tool, name, *more):
    args = ("template", "verdict", str(CHART), "--namespace", "idv", "-f", str(CHART / f"ci/{name}-values.yaml"))
    # Helm has a version of its own in mind, where it asks no cluster.
    return helm(tool, *args, "--kube-version", VERSIONS[-1], *more)


def renders(tool, sets):
    """One for each set of values over production-values.yaml, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda values: render(tool, "production", "--set", values), sets))


def objects(text):
    return [item for item in yaml.safe_load_all(text) if item]


def called(item):
    return f"{item['kind']} {item['metadata']['name']}"


def check_pods(name, items):
    for mistake in chart_pods.mistakes(items):
        fail(f"{name}: {mistake}")


def check_broken(items):
    """Each broken copy of a render that has all hooks is found to be broken."""
    copies = list(chart_pods.broken(items))
    for wrong, what in copies:
        if wrong == items or not chart_pods.mistakes(wrong):
            fail(f"{what}: broken, and nobody notices")
    return len(copies)


def check_objects(name, items, schemas):
    spelt = 0
    for item in items:
        for version, known in schemas.items():
            for mistake in known.mistakes(item):
                fail(f"{name}: {called(item)}, Kubernetes {version}: {mistake}")
        newest = schemas[VERSIONS[-1]]
        for wrong, where in misspellings(item):
            spelt += 1
            if not newest.mistakes(wrong):
                fail(f"{name}: {called(item)}: {where} may be misspelt, and nobody notices")
    return spelt


def check_names(name, items):
    """No two objects with one name are there at a time, and what pods refer to in the chart is made by it."""
    seen = set()
    for item in items:
        if called(item) in seen:
            fail(f"{name}: {called(item)} is there twice")
        seen.add(called(item))
    text = json.dumps(items)
    for item in items:
        # Verdict takes no key without a value; in a chart's values null is one that is left out.
        if "null" in re.findall(r"[\w.]+", item.get("data", {}).get("verdict.yaml", "")):
            fail(f"{name}: {called(item)} has null in its configuration: {item['data']['verdict.yaml']}")
        if item["kind"] == "ConfigMap" and f'"name": "{item["metadata"]["name"]}"' not in text.replace(
                json.dumps(item), ""):
            fail(f"{name}: {called(item)} is used by nobody")


def existing(name):
    """The ConfigMaps that a set of values refers to, and does not make."""
    rules = yaml.safe_load((CHART / f"ci/{name}-values.yaml").read_text()).get("rules") or {}
    return {rules.get("existingConfigMap"), (rules.get("existingCases") or {}).get("configMap")}


def check_mounts(name, items, others=()):
    """Each ConfigMap that a pod mounts is made, for a hook before it at each of its events. others are not ours."""
    made = {item["metadata"]["name"]: chart_pods.hooks(item) for item in items if item["kind"] == "ConfigMap"}
    for item in items:
        if item["kind"] not in ("Job", "Deployment"):
            continue
        events, weight = chart_pods.hooks(item)
        for config in chart_pods.mounted(chart_pods.pod_of(item)) - set(others):
            made_at, before = made.get(config, (None, 0))
            if made_at is None or not events <= made_at or (events and before >= weight):
                fail(f"{name}: {called(item)} mounts {config}, which is not made before it")


def check_selectors(name, items):
    """What is for the instances selects them, and no pod of a job; the jobs' policy the reverse."""
    pods = {called(item): item["metadata"].get("labels", {}) for item in items if item["kind"] == "Pod"}
    pods |= {called(item): item["spec"]["template"]["metadata"]["labels"]
             for item in items if item["kind"] in ("Deployment", "Job")}
    for item in items:
        spec = item["spec"] if item["kind"] != "ConfigMap" and "spec" in item else {}
        chosen = spec.get("podSelector") or spec.get("selector")
        if chosen is None or item["kind"] in ("Job", "ServiceMonitor"):
            continue
        labels = chosen.get("matchLabels", chosen)
        # The one operator in use is NotIn, of the component.
        outside = [value for e in chosen.get("matchExpressions", []) for value in e["values"]]
        selected = {pod for pod, have in pods.items() if labels.items() <= have.items()
                    and have["app.kubernetes.io/component"] not in outside}
        instances = {pod for pod in pods if pod.startswith("Deployment")}
        if selected != (set(pods) - instances if outside else instances):
            fail(f"{name}: {called(item)} selects {sorted(selected)}")
    for item in items:
        if item["kind"] == "ServiceMonitor":
            labels = item["spec"]["selector"]["matchLabels"]
            ports = [port["name"] for service in items if service["kind"] == "Service"
                     and labels.items() <= service["metadata"]["labels"].items() for port in service["spec"]["ports"]]
            if ports != [endpoint["port"] for endpoint in item["spec"]["endpoints"]]:
                fail(f"{name}: {called(item)} finds the ports {ports}")


def alerts():
    """What the command in docs/kubernetes.md makes of the alerts."""
    page = pathlib.Path("docs/kubernetes.md").read_text()
    command = re.search(r"^\{\n  printf 'apiVersion.*?^\}", page, re.DOTALL | re.MULTILINE)
    return yaml.safe_load(subprocess.run(["bash", "-c", command[0]], capture_output=True, text=True, check=True).stdout)


def check_state_pod(tool, schemas):
    """What docs/kubernetes.md makes of the test's pod for a command that needs a group which stands still."""
    page = pathlib.Path("docs/kubernetes.md").read_text()
    flags, script = re.search(r"-s templates/test[.]yaml \\\n  --set (\S+) [|]\n  sed '([^']*)' [|]", page).groups()
    text = render(tool, "production", "-s", "templates/test.yaml", "--set", flags).stdout
    pod = objects(subprocess.run(["sed", script], input=text, capture_output=True, text=True, check=True).stdout)[0]
    mistakes = schemas[VERSIONS[-1]].mistakes(pod)
    if mistakes or pod["metadata"]["name"] != "verdict-state" or pod["metadata"]["annotations"]:
        fail(f"docs/kubernetes.md, the pod of verdict state: {pod['metadata']}, {mistakes}")
    container = pod["spec"]["containers"][0]
    if container["args"] != ["state", "rekey"]:
        fail(f"docs/kubernetes.md, the pod of verdict state: {container['args']}")
    if "activeDeadlineSeconds" in pod["spec"]:
        fail("docs/kubernetes.md, the pod of verdict state: a deadline would end it half-way")
    if int(next(e["value"] for e in container["env"] if e["name"] == "GOMEMLIMIT")) < 800 << 20:
        fail("docs/kubernetes.md, the pod of verdict state: too little memory for the keys of all that is known")


def pod_template(text):
    found = [item for item in objects(text) if item["kind"] == "Deployment"]
    return found[0]["spec"]["template"]


def check_restarts(tool):
    """Other rules are taken over while running; another configuration needs other pods."""
    before = render(tool, "production").stdout
    other = "rules.files.fourthline\\.yaml=vocabulary: fourthline-idv"
    rules = render(tool, "production", "--set-string", other).stdout
    config = render(tool, "production", "--set", "config.log.level=debug").stdout
    if before == rules or pod_template(before) != pod_template(rules):
        fail("other rules: they are not rendered, or the pods change with them")
    if pod_template(before) == pod_template(config):
        fail("another configuration leaves the pods as they are")


def check_scaling(tool):
    """With KEDA the chart has no number of its own, and one that is no longer said would be 1: what runs stays."""
    keda = ("--set", "keda.enabled=true,keda.maxReplicas=12")
    alone = objects(render(tool, "production", *keda).stdout)

    def said(items):
        return [item["spec"].get("replicas") for item in items if item["kind"] == "Deployment"]

    if said(alone) != [None]:
        fail(f"KEDA is switched on, no cluster is asked, and the Deployment has {said(alone)} pods")
    for running in (7, 0):
        with chart_cluster.cluster(running, alone) as address:
            text = render(tool, "production", *keda, "--is-upgrade", "--dry-run=server",
                          "--disable-openapi-validation", "--kube-apiserver", address)
        if said(objects(text.stdout)) != [running]:
            fail(f"KEDA is switched on, and {running} pods become {said(objects(text.stdout))}: {text.stderr}")


def check_lists(tool):
    """Lists may be one text, as in Verdict's own configuration; scaling and policy come out the same."""
    def reads(brokers, raw, url):
        values = {"kafka": {"brokers": brokers}, "topics": {"raw": raw}, "registry": {"url": url}}
        rendered = render(tool, "production", "--set", "keda.enabled=true,keda.maxReplicas=12",
                          "--set-json", f"config={json.dumps(values)}")
        if rendered.returncode != 0:
            fail(f"{values}: {rendered.stderr}")
        return [item for item in objects(rendered.stdout) if item["kind"] in ("NetworkPolicy", "ScaledObject")]

    lists = reads(["a:9092", "b:9093"], [{"name": "x", "format": "yousign"}, {"name": "y"}], ["http://r", "https://s"])
    if len(lists) != 3 or lists != reads("a:9092, b:9093", "x:yousign,y", "http://r,https://s"):
        fail("lists as one text are read otherwise than lists")
    if lists != reads(["a:9092", "b:9093"], ["x:yousign", "y"], ["http://r:80", "https://s:443"]):
        fail("raw topics as texts, or the registry's ports, are read otherwise than as mappings")


def check_release_name(tool):
    """A release may have dots in its name, and the name of a container or a Service may not."""
    text = helm(tool, "template", "idv.eu", str(CHART), "-f", str(CHART / "ci/production-values.yaml")).stdout
    names = [item["metadata"]["name"] for item in objects(text)]
    if not names or any("." in name for name in names):
        fail(f"a release of the name idv.eu: {names}")


def check_notes(tool):
    """Who has Prometheus scrape, and a policy that lets nobody in, is told; nobody else is."""
    for values, told in (("networkPolicy.scrapedFrom=null", True), ("networkPolicy.enabled=true", False)):
        notes = helm(tool, "install", "verdict", str(CHART), "--dry-run=client", "--set", values,
                     "-f", str(CHART / "ci/production-values.yaml"))
        if notes.returncode != 0 or ("Prometheus cannot scrape" in notes.stdout) != told:
            fail(f"--set {values}: the notes say {notes.stdout[notes.stdout.find('NOTES'):]}{notes.stderr}")


def check_taken(tool, schemas):
    for values, result in zip(TAKEN, renders(tool, TAKEN)):
        if result.returncode != 0:
            fail(f"--set {values}: {result.stderr.strip()}")
        items = objects(result.stdout)
        check_names(values, items)
        check_mounts(values, items)
        check_selectors(values, items)
        check_pods(values, items)
        for item in items:
            for mistake in schemas[VERSIONS[-1]].mistakes(item):
                fail(f"--set {values}: {called(item)}: {mistake}")


def check_refusals(tool):
    for (values, why), result in zip(REFUSED, renders(tool, [values for values, _ in REFUSED])):
        if result.returncode == 0:
            fail(f"--set {values} is taken")
        elif why not in result.stderr:
            fail(f"--set {values}: the message does not have {why!r}: {result.stderr.strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--helm", required=True)
    parser.add_argument("--crd", action="append", default=[])
    parser.add_argument("--update", action="store_true", help="write the renders anew")
    options = parser.parse_args()

    crds = [yaml.safe_load(pathlib.Path(path).read_text()) for path in options.crd]
    schemas = {version: Schemas(version, crds) for version in VERSIONS}
    for name in SETS:
        linted = helm(options.helm, "lint", "--strict", str(CHART), "-f", str(CHART / f"ci/{name}-values.yaml"))
        if linted.returncode != 0:
            fail(f"{name}: helm lint --strict: {linted.stdout}{linted.stderr}")
        rendered = render(options.helm, name)
        if rendered.returncode != 0:
            fail(f"{name}: helm template: {rendered.stderr}")
            continue
        golden = CHART / f"ci/{name}.golden.yaml"
        if options.update:
            golden.write_text(rendered.stdout)
        elif not golden.exists() or golden.read_text() != rendered.stdout:
            fail(f"{golden} is not what the chart renders: look at what `.ci/chart --update` changes")
        items = objects(rendered.stdout)
        check_names(name, items)
        check_mounts(name, items, existing(name))
        check_selectors(name, items)
        check_pods(name, items)
        spelt = check_objects(name, items, schemas)
        print(f"{name}: {len(items)} objects, {spelt} keys misspelt one by one")
        if name == "production":
            print(f"{name}: {check_broken(items)} broken copies")
    if schemas[VERSIONS[-1]].mistakes({"apiVersion": "example.org/v1", "kind": "Unknown"}) == []:
        fail("a kind that nobody knows is taken")
    for mistake in schemas[VERSIONS[-1]].mistakes(alerts()):
        fail(f"deploy/alerts.yaml, as docs/kubernetes.md brings them into a cluster: {mistake}")
    check_state_pod(options.helm, schemas)
    check_restarts(options.helm)
    check_scaling(options.helm)
    check_notes(options.helm)
    check_lists(options.helm)
    check_release_name(options.helm)
    check_taken(options.helm, schemas)
    check_refusals(options.helm)
    print(f"{len(TAKEN)} other sets of values, and {len(REFUSED)} that would do harm")
    return 1 if failures else 0


sys.exit(main())
