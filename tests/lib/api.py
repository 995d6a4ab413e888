"""api.py FOLDER: an API server of recorded answers on the loopback, plain HTTP. GET /a/b answers with FOLDER/a/b.json; FOLDER/a/b.CODE
answers with that status; everything else is 404 with a Status object. Each request is a line of FOLDER/requests: the path, then the
headers that say who asks. The server's URL is the first line of its standard output, written when it listens.
"""
import glob
import http.server
import json
import os
import sys
import urllib.parse

FOLDER = sys.argv[1]
TOLD = ("Authorization", "Impersonate-User", "Impersonate-Group")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        told = [f"{name}={value}" for name in TOLD for value in self.headers.get_all(name, [])]
        with open(os.path.join(FOLDER, "requests"), "a", encoding="utf-8") as f:
            f.write(" ".join([url.path, *told]) + "\n")
        name = os.path.join(FOLDER, url.path.strip("/"))
        code, body = 404, json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
                                      "message": f"{url.path} not found", "details": {"name": os.path.basename(url.path)}})
        if os.path.exists(name + ".json"):
            with open(name + ".json", encoding="utf-8") as f:
                code, body = 200, f.read()
        for other in glob.glob(glob.escape(name) + ".[1-5][0-9][0-9]"):
            with open(other, encoding="utf-8") as f:
                code, body = int(other[-3:]), f.read()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
