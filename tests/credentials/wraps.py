"""Ways in which a manifest carries a name and a value. Each gives an object, or None where the case does not go into it."""
import base64
import gzip
import json
import zlib
from urllib.parse import quote


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def obj(kind, name, api="v1", **rest):
    return dict({"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "demo"}}, **rest)


def pod(name, **container):
    return obj("Deployment", name, "apps/v1", spec={"template": {"spec": {"containers": [dict({"name": "c", "image": "i"}, **container)]}}})


def one_line(case):
    return all("\n" not in v for _, v in case.entries)


def plain(case):
    """Without signs that a text format would need quoting for."""
    return one_line(case) and all(not set(v) & set(" \"'\\{}<>;,&|()#`") for _, v in case.entries)


def secret_data(c, n):
    return obj("Secret", n, data={k: b64(v) for k, v in c.entries})


def secret_folded(c, n):
    return obj("Secret", n, data={k: "\n".join(b64(v)[i:i + 64] for i in range(0, len(b64(v)), 64)) for k, v in c.entries})


def string_data(c, n):
    return obj("Secret", n, stringData=dict(c.entries))


def configmap(c, n):
    return obj("ConfigMap", n, data=dict(c.entries))


def lines(fmt, head=""):
    def wrap(c, n):
        if not one_line(c):
            return None
        return obj("ConfigMap", n, data={"settings": head + "".join(fmt % (k, v) for k, v in c.entries)})

    return wrap


dotenv = lines('export %s="%s"\n', "# settings\nPORT=8080\n")
properties = lines("%s = %s\n", "a.b=c\n")
ini = lines("%s=%s\n", "[default]\nregion = x\n")
toml = lines('%s = "%s"\n', 'title = "x"\n[store]\n')


def yaml_file(c, n):
    return obj("ConfigMap", n, data={"f.yaml": "store:\n  kind: x\n" + "".join("  %s: %s\n" % (k, json.dumps(v)) for k, v in c.entries)})


def json_file(c, n):
    return obj("ConfigMap", n, data={"f.json": json.dumps({"store": dict(c.entries), "list": [1, 2]}, indent=1)})


def env(c, n):
    return pod(n, env=[{"name": k, "value": v} for k, v in c.entries])


def init_env(c, n):
    return obj("CronJob", n, "batch/v1", spec={"jobTemplate": {"spec": {"template": {"spec": {"initContainers": [
        {"name": "c", "image": "i", "env": [{"name": k, "value": v} for k, v in c.entries]}]}}}}})


def is_option_elsewhere(c):
    """--access-key is a credential's option although ACCESS_KEY is no credential's env."""
    return c.expected == "quiet" and c.entries[0][0] == "ACCESS_KEY"


def flag(k):
    return "--" + k.lower().replace("_", "-")


def arg(c, n):
    if is_option_elsewhere(c):
        return None
    return pod(n, args=["serve"] + ["%s=%s" % (flag(k), v) for k, v in c.entries])


def two_args(c, n):
    if is_option_elsewhere(c):
        return None
    return pod(n, args=["serve"] + [x for k, v in c.entries for x in (flag(k), v)])


def shell(c, n):
    if not plain(c):
        return None
    return pod(n, command=["sh", "-c", "set -e; " + "; ".join("export %s='%s'" % (k, v) for k, v in c.entries) + "; exec serve"])


def shell_flags(c, n):
    if is_option_elsewhere(c):
        return None
    if not plain(c):
        return None
    return pod(n, command=["sh", "-c", "exec serve --verbose " + " ".join("%s %s" % (flag(k), v) for k, v in c.entries)])


def continued(c, n):
    if is_option_elsewhere(c):
        return None
    if not plain(c):
        return None
    return pod(n, command=["sh", "-c", "exec serve \\\n  " + " \\\n  ".join("%s=%s" % (flag(k), v[:7] + "\\\n" + v[7:]) for k, v in c.entries)])


def annotation(c, n):
    inner = obj("Secret", "inner", data={k: b64(v) for k, v in c.entries})
    o = obj("ConfigMap", n, data={"a": "b"})
    o["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(inner)}
    return o


def custom_resource(c, n):
    return obj("Widget", n, "widgets.example.com/v1", spec={"deep": [{"settings": dict(c.entries)}]})


def file_of(c):
    return "".join("%s=%s\n" % e for e in c.entries) if one_line(c) else json.dumps(dict(c.entries))


def base64_file(c, n):
    return obj("ConfigMap", n, data={"blob": b64("# a file\n" + file_of(c))})


def base64_twice(c, n):
    return obj("Secret", n, data={"blob": b64(b64(file_of(c)))})


def base64_url(c, n):
    return obj("ConfigMap", n, data={"blob": base64.urlsafe_b64encode(("# a file\n" + file_of(c)).encode()).decode().rstrip("=")})


def base64_in_text(c, n):
    return obj("ConfigMap", n, data={"run.sh": "#!/bin/sh\necho %s | base64 -d > /tmp/f\n" % b64("# a file\n" + file_of(c))})


def gzip_file(c, n):
    return obj("ConfigMap", n, binaryData={"f.gz": b64(gzip.compress(file_of(c).encode(), mtime=0))})


def gzip_text(c, n):
    return obj("ConfigMap", n, data={"blob": b64(gzip.compress(file_of(c).encode(), mtime=0))})


def zlib_file(c, n):
    return obj("Secret", n, data={"f.z": b64(zlib.compress(file_of(c).encode()))})


def utf16(c, n):
    return obj("Secret", n, data={k: b64(v.encode("utf-16")) for k, v in c.entries})


def utf16_file(c, n):
    return obj("ConfigMap", n, data={"blob": b64(("# a file\r\n" + file_of(c)).encode("utf-16-le"))})


def percent(c, n):
    if not one_line(c):
        return None
    return obj("ConfigMap", n, data={"url": "https://api.example.com/v1?" + "&".join("%s=%s" % (k, quote(v, safe="")) for k, v in c.entries)})


def escaped(c, n):
    text = json.dumps(dict(c.entries)).replace("+", "\\u002b").replace("/", "\\u002f").replace("=", "\\u003d").replace("~", "\\u007e")
    return obj("ConfigMap", n, data={"f": "payload = " + text})


def json_in_json(c, n):
    return obj("ConfigMap", n, data={"f.json": json.dumps({"inner": json.dumps(dict(c.entries))})})


def helm_release(c, n):
    manifest = "---\n# Source: x/t.yaml\n" + json.dumps(obj("Secret", "inner", data={k: b64(v) for k, v in c.entries}))
    doc = {"name": "x", "info": {}, "chart": {"metadata": {"name": "x"}, "templates": []}, "config": {}, "manifest": manifest, "version": 1, "namespace": "demo"}
    return obj("Secret", n, type="helm.sh/release.v1", data={"release": b64(b64(gzip.compress(json.dumps(doc).encode(), mtime=0)))})


def key(c, n):
    if not c.neutral or not one_line(c) or len(c.entries[0][1]) > 900:
        return None
    return obj("Widget", n, "widgets.example.com/v1", spec={"users": {c.entries[0][1]: "reader"}})


def comment(c, n):
    if not plain(c):
        return None
    return ("comment", obj("ConfigMap", n, data={"a": "b"}), ["%s=%s" % e for e in c.entries])


ALL = [secret_data, secret_folded, string_data, configmap, dotenv, properties, ini, toml, yaml_file, json_file, env, init_env, arg, two_args, shell, shell_flags,
       continued, annotation, custom_resource, base64_file, base64_twice, base64_url, base64_in_text, gzip_file, gzip_text, zlib_file, utf16, utf16_file, percent,
       escaped, json_in_json, helm_release, key, comment]
NAMES = {f: k for k, f in list(globals().items()) if callable(f)}
