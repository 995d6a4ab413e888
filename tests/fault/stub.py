"""An API server on the loopback that has nothing but kinds: it keeps no object, lists are empty, and a dry run gives back what it was sent."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KINDS = {"/api/v1": [("configmaps", "ConfigMap"), ("secrets", "Secret")],
         "/apis/apps/v1": [("deployments", "Deployment")],
         "/apis/batch/v1": [("jobs", "Job")]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def answer(self, code, body):
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        path = self.path.split("?")[0].rstrip("/")
        if path == "/version":
            self.answer(200, {"major": "1", "minor": "34", "gitVersion": "v1.34.4"})
        elif path in KINDS:
            self.answer(200, {"kind": "APIResourceList", "resources": [{"name": n, "kind": k, "namespaced": True} for n, k in KINDS[path]]})
        elif path.endswith("/namespaces/central"):
            self.answer(200, {"kind": "Namespace", "metadata": {"name": "central"}})
        elif path.split("/")[-1] in ("storageclasses", "nodes", "secrets", "configmaps", "pods"):
            self.answer(200, {"kind": "List", "metadata": {}, "items": []})
        else:
            self.answer(404, {"kind": "Status", "reason": "NotFound", "message": "there is no " + path.split("/")[-1], "code": 404})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201 if "dryRun=All" in self.path else 500, json.loads(body))

    do_PATCH = do_POST


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that was made to fail hangs up."""


class Server:
    """Runs in threads of this process, and ends with it."""

    def __init__(self):
        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kubeconfig(self):
        return json.dumps({"current-context": "stub", "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub"}}],
                           "clusters": [{"name": "stub", "cluster": {"server": f"http://127.0.0.1:{self.server.server_port}"}}],
                           "users": [{"name": "stub", "user": {}}]})
