"""As much of a cluster as Helm asks for, to look up a Deployment that runs with a number of pods. For .ci/chart.py."""

import contextlib
import http.server
import json
import threading

NAMESPACE, NAME = "idv", "verdict"


def answers(replicas, items):
    """What it says of itself, by path: it knows the kinds of these objects, and has the Deployment alone."""
    known = {"/version": {"major": "1", "minor": "37", "gitVersion": "v1.37.0"},
             "/api": {"kind": "APIVersions", "versions": ["v1"]}}
    for item in items:
        version, kind = item["apiVersion"], item["kind"]
        path = f"/{'apis' if '/' in version else 'api'}/{version}"
        resources = known.setdefault(path, {"kind": "APIResourceList", "groupVersion": version, "resources": []})
        one = {"name": f"{kind.lower()}s", "singularName": kind.lower(), "namespaced": True, "kind": kind,
               "verbs": ["get"]}
        if one not in resources["resources"]:
            resources["resources"].append(one)
    groups = []
    for version in sorted({item["apiVersion"] for item in items if "/" in item["apiVersion"]}):
        served = {"groupVersion": version, "version": version.split("/")[1]}
        groups.append({"name": version.split("/")[0], "versions": [served], "preferredVersion": served})
    known["/apis"] = {"kind": "APIGroupList", "groups": groups}
    known[f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{NAME}"] = {
        "kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {"replicas": replicas}}
    return known


@contextlib.contextmanager
def cluster(replicas, items):
    """Gives its address, and answers until the block ends."""
    known = answers(replicas, items)

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.split("?")[0]
            missing = {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}
            body = json.dumps(known.get(path, missing)).encode()
            self.send_response(200 if path in known else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
