"""fakekube.py LOG PORTFILE: as much of a Kubernetes API as Helm needs to install and upgrade a chart without hooks.

It keeps what it is given and checks nothing. Every request that would change something is a line of LOG ("POST /api/v1/..."),
so that a test can tell "refused before anything happened" from "refused halfway". The port, free on the loopback, is written to
PORTFILE when the server is ready.
"""
import base64
import http.server
import json
import os
import re
import sys
import urllib.parse

LOG, PORTFILE = sys.argv[1:3]

# group/version -> kind, plural, namespaced
RESOURCES = {
    "v1": [("Namespace", "namespaces", False), ("ConfigMap", "configmaps", True), ("Secret", "secrets", True),
           ("Service", "services", True), ("ServiceAccount", "serviceaccounts", True), ("Pod", "pods", True),
           ("PersistentVolumeClaim", "persistentvolumeclaims", True)],
    "apps/v1": [("Deployment", "deployments", True), ("StatefulSet", "statefulsets", True)],
    "batch/v1": [("Job", "jobs", True), ("CronJob", "cronjobs", True)],
    "rbac.authorization.k8s.io/v1": [("Role", "roles", True), ("RoleBinding", "rolebindings", True),
                                     ("ClusterRole", "clusterroles", False), ("ClusterRoleBinding", "clusterrolebindings", False)],
    "monitoring.coreos.com/v1": [("Prometheus", "prometheuses", True), ("PrometheusRule", "prometheusrules", True),
                                 ("Alertmanager", "alertmanagers", True), ("ServiceMonitor", "servicemonitors", True)],
    "networking.istio.io/v1": [("Gateway", "gateways", True), ("VirtualService", "virtualservices", True)],
    "apiextensions.k8s.io/v1": [("CustomResourceDefinition", "customresourcedefinitions", False)],
}
VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
STORE = {}


def discovery(path):
    if path == "/version":
        return {"major": "1", "minor": "34", "gitVersion": "v1.34.0", "platform": "linux/amd64"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = []
        for name in RESOURCES:
            if "/" in name:
                group, version = name.split("/")
                it = {"groupVersion": name, "version": version}
                groups.append({"name": group, "versions": [it], "preferredVersion": it})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    for name, kinds in RESOURCES.items():
        if path == ("/apis/" + name if "/" in name else "/api/" + name):
            return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": [
                {"name": plural, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind, "verbs": VERBS}
                for kind, plural, namespaced in kinds]}
    return None


def selected(item, selector):
    labels = item.get("metadata", {}).get("labels", {})
    for term in filter(None, selector.split(",")):
        key, _, value = term.partition("=")
        if labels.get(key) != value.lstrip("="):
            return False
    return True


def collections_of(path):
    """The lists that an object is in: of its namespace, and of the whole cluster."""
    own = path.rsplit("/", 1)[0]
    return own, re.sub("/namespaces/[^/]+/", "/", own)


# Helm keeps its releases through a typed client, which speaks protobuf; everything else comes as JSON. Of a message in protobuf
# only the name and the labels are looked at, the rest is kept as it came.
PROTOBUF = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\0"


def fields(data):
    """Yields (number, value) of the fields of a message; a value is an int or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            length = varint()
            yield tag >> 3, data[at:at + length]
            at += length
        else:
            raise ValueError("a wire type that no secret needs")


def field(number, value):
    out = bytearray([number << 3 | 2])
    length = len(value)
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    out.append(length)
    return bytes(out) + value


def envelope(kind, raw):
    return MAGIC + field(1, field(1, b"v1") + field(2, kind.encode())) + field(2, raw)


def from_protobuf(body):
    raw = dict(fields(body[len(MAGIC):]))[2]
    metadata = dict(fields(raw))[1]
    labels = [dict(fields(value)) for number, value in fields(metadata) if number == 11]
    data = [dict(fields(value)) for number, value in fields(raw) if number == 2]
    return {"apiVersion": "v1", "kind": "Secret", "data": {d[1].decode(): base64.b64encode(d[2]).decode() for d in data}, "raw": raw,
            "metadata": {"name": dict(fields(metadata))[1].decode(), "labels": {l[1].decode(): l[2].decode() for l in labels}}}


def as_json(thing):
    """What the same message is to a client that speaks JSON."""
    if "items" in thing:
        return {**thing, "items": [as_json(item) for item in thing["items"]]}
    return {key: value for key, value in thing.items() if key != "raw"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet, or each answer waits 40 ms for an acknowledgement

    def reply(self, code, body):
        """A stored message in protobuf, or a list of such, goes back as it came; all else is JSON."""
        items = body.get("items", [])
        if PROTOBUF not in self.headers.get("Accept", ""):
            kind, data = "application/json", json.dumps(as_json(body)).encode()
        elif "raw" in body:
            kind, data = PROTOBUF, envelope("Secret", body["raw"])
        elif items and "raw" in items[0]:
            kind, data = PROTOBUF, envelope("SecretList", field(1, b"") + b"".join(field(2, i["raw"]) for i in items))
        else:
            kind, data = "application/json", json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def missing(self, path):
        self.reply(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
                         "message": path + " not found"})

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        found = discovery(url.path) or STORE.get(url.path)
        if found:
            return self.reply(200, found)
        plurals = {plural: (name, kind) for name, kinds in RESOURCES.items() for kind, plural, _ in kinds}
        plural = url.path.rsplit("/", 1)[-1]
        if plural not in plurals:
            return self.missing(url.path)
        selector = urllib.parse.parse_qs(url.query).get("labelSelector", [""])[0]
        items = [o for p, o in sorted(STORE.items()) if url.path in collections_of(p) and selected(o, selector)]
        version, kind = plurals[plural]
        self.reply(200, {"kind": kind + "List", "apiVersion": version, "metadata": {}, "items": items})

    def change(self):
        path = urllib.parse.urlsplit(self.path).path
        with open(LOG, "a") as log:
            log.write(self.command + " " + path + "\n")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "DELETE":
            if STORE.pop(path, None) is None:
                return self.missing(path)
            return self.reply(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})
        thing = from_protobuf(body) if body.startswith(MAGIC) else json.loads(body)
        if self.command == "POST":
            path += "/" + thing["metadata"]["name"]
        elif self.command == "PATCH" and "apply-patch" not in self.headers.get("Content-Type", ""):
            thing = {**STORE.get(path, {}), **{k: v for k, v in thing.items() if k != "metadata"}}
        metadata = thing.setdefault("metadata", {})
        metadata["resourceVersion"] = str(int(metadata.get("resourceVersion") or 0) + 1)
        if "/namespaces/" in path:
            metadata["namespace"] = path.split("/namespaces/")[1].split("/")[0]
        metadata.setdefault("uid", "00000000-0000-0000-0000-000000000000")
        created = path not in STORE
        STORE[path] = thing
        self.reply(201 if created else 200, thing)

    do_POST = do_PUT = do_PATCH = do_DELETE = change

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(PORTFILE + ".new", "w") as f:
    f.write(str(server.server_port))
os.rename(PORTFILE + ".new", PORTFILE)
server.serve_forever()
