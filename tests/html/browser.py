"""A headless Chromium over --remote-debugging-pipe: JSON messages that end with NUL, on descriptors 3 and 4.

No network is there for it: names resolve to nothing. Every request that a page makes is kept in `requests`.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

DEADLINE = 60  # seconds for one answer; only a hanging browser ever takes that long


class Browser:
    def __init__(self, binary="chromium"):
        self.profile = tempfile.mkdtemp(prefix="pxb-fed-chromium-")
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()

        def descriptors():
            # Through numbers above 4 first, so that neither overwrites the other.
            a, b = os.dup(to_read), os.dup(from_write)
            while a <= 4:
                a = os.dup(a)
            while b <= 4:
                b = os.dup(b)
            os.dup2(a, 3)
            os.dup2(b, 4)

        command = [binary, "--headless", "--remote-debugging-pipe", "--user-data-dir=" + self.profile, "--disable-gpu", "--no-first-run",
                   "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking", "--force-device-scale-factor=1",
                   "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars", "about:blank"]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=descriptors, close_fds=False)
        os.close(to_read)
        os.close(from_write)
        self.out, self.inp = to_write, from_read
        self.number, self.buffer, self.events = 0, b"", []

    def close(self):
        try:
            self.call("Browser.close")
        except (OSError, RuntimeError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.inp)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self):
        end = time.monotonic() + DEADLINE
        while b"\0" not in self.buffer:
            if not select.select([self.inp], [], [], max(0, end - time.monotonic()))[0]:
                raise RuntimeError("the browser does not answer")
            more = os.read(self.inp, 1 << 20)
            if not more:
                raise RuntimeError("the browser has gone")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            got = self.receive()
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(method + ": " + got["error"]["message"])
                return got["result"]
            self.events.append(got)

    def event(self, session, method):
        """The next event of that name, waited for if need be."""
        while True:
            for i, e in enumerate(self.events):
                if e.get("method") == method and e.get("sessionId") == session:
                    return self.events.pop(i)["params"]
            self.events.append(self.receive())


class Page:
    """One tab. `requests` holds the address of everything it asked for, `complaints` what went to its console."""

    def __init__(self, browser, path, width=1280, height=900, dark=False, script=True, media=""):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Network", "Runtime", "Log", "Accessibility", "DOM":
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        if not script:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.events = [e for e in browser.events if e.get("sessionId") != self.session]
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        browser.event(self.session, "Page.loadEventFired")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def evaluate(self, expression):
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise RuntimeError(got["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return got["result"].get("value")

    def params_of(self, method):
        self.evaluate("1")
        return [e["params"] for e in self.browser.events if e.get("sessionId") == self.session and e.get("method") == method]

    def requests(self):
        return [p["request"]["url"] for p in self.params_of("Network.requestWillBeSent")]

    def complaints(self):
        said = [p["entry"]["text"] for p in self.params_of("Log.entryAdded")]
        return said + [str(p["exceptionDetails"]["text"]) for p in self.params_of("Runtime.exceptionThrown")]

    def key(self, key, text=None):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, " ": 32}
        params = {"key": key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper())), "code": key if len(key) > 1 else ""}
        text = "\r" if key == "Enter" else key if len(key) == 1 else text
        self.call("Input.dispatchKeyEvent", type="keyDown", **params, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **params)

    def write(self, text):
        for c in text:
            self.key(c)

    def tree(self):
        """The accessibility tree: (role, name, properties) of everything that is not ignored, in order."""
        out = []
        for n in self.call("Accessibility.getFullAXTree")["nodes"]:
            if not n.get("ignored"):
                properties = {p["name"]: p["value"].get("value") for p in n.get("properties", [])}
                out.append((n["role"]["value"], n.get("name", {}).get("value", ""), properties))
        return out

    def screenshot(self, path, whole=True):
        got = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as f:
            f.write(base64.b64decode(got["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
