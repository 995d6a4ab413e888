"""Hand-written cases in the shape that real manifests have: products' own files, references, registries, and the
workload-identity manifests that must stay quiet. <NAME> in a text is replaced by something made at random; nothing that
looks like a credential stands in this file.
"""
import base64
import gzip
import json
import os
import random
import re

from cases import Case
from makers import ALNUM, B64, HEX, Maker, URL64

HERE = os.path.dirname(os.path.abspath(__file__))


def values(m):
    sa, sa_key = m.service_account()
    rsa, rsa_key = m.pem("RSA PRIVATE KEY")
    v = {
        "AWSID": m.aws_id(), "AWSSECRET": m.aws_secret(), "MINIO": m.run(ALNUM, 14), "STORAGE": m.azure_storage(), "OLDSTORAGE": m.azure_storage_old(),
        "ENTRA": m.entra_8q(), "ENTRAOLD": m.run(ALNUM + ".-", 34), "SAJSON": sa, "SAFLAT": json.dumps(json.loads(sa)), "IBM": m.run(URL64, 44),
        "HMACID": m.run(HEX, 32), "HMACSECRET": m.run(HEX, 48), "RSA": rsa, "GUID": m.uuid(), "GUID2": m.uuid(), "ACR": m.azure_acr(), "PLAIN": m.run(ALNUM, 20),
        "SAS": m.sas(), "ALISECRET": m.run(ALNUM, 30), "JWT": m.jwt("https://sts.windows.net/x/"), "YATOKEN": "ya" + "29." + m.run(URL64, 100),
        "ECR": base64.b64encode(json.dumps({"payload": m.run(B64, 300)}).encode()).decode(), "SHA": m.run(HEX, 40), "SEALED": "Ag" + m.run(B64, 400), "UUID": m.uuid(),
    }
    pair = "aws_access_key_id = %s\naws_secret_access_key = %s\n" % (v["AWSID"], v["MINIO"])
    v["HEX32"] = m.run(HEX, 32)
    v["LATIN"] = base64.b64encode(("# Schl\xfcssel\n" + pair).encode("latin1")).decode()
    v["GZIP2"] = base64.b64encode(gzip.compress(b"first\n", mtime=0) + gzip.compress(pair.encode(), mtime=0)).decode()
    v["DOCID"] = "AK" + "IAIOSFODNN7" + "EXAMPLE"
    v["DOCSECRET"] = "wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCY" + "EXAMPLE" + "KEY"
    secrets = {k: x for k, x in v.items() if k not in ("LATIN", "GZIP2", "DOCID", "DOCSECRET", "AWSID", "HMACID", "GUID", "GUID2", "SHA", "SEALED", "UUID")}
    secrets["SAJSON"] = secrets["SAFLAT"] = sa_key
    secrets["RSA"] = rsa_key
    return v, secrets


def fill(text, v):
    """<X> the value, <X|b64> its base64, <X|json> as a JSON string, <X|N> indented by N."""
    def one(match):
        name, how = match.group(1), match.group(2) or ""
        s = v[name]
        if how == "b64":
            return base64.b64encode(s.encode()).decode()
        if how == "json":
            return json.dumps(s)
        if how.isdigit():
            return ("\n" + " " * int(how)).join(s.rstrip("\n").split("\n"))
        return s

    def encoded(match):
        return base64.b64encode(re.sub(r"<([A-Z0-9]+)(?:\|(\w+))?>", one, match.group(1)).encode()).decode()

    text = re.sub(r"<<(.*?)>>", encoded, text, flags=re.S)
    return re.sub(r"<([A-Z0-9]+)(?:\|(\w+))?>", one, text)


def build(seed):
    """The table in outside.txt: `=== provider | what | error, note or quiet`, then the objects; the name NAME is replaced."""
    rng = random.Random(seed)
    docs, number = [], 0
    with open(os.path.join(HERE, "outside.txt"), encoding="utf-8") as f:
        blocks = re.split(r"^=== ", f.read(), flags=re.M)[1:]
    for _ in range(3):
        for block in blocks:
            head, text = block.split("\n", 1)
            provider, what, expected = (x.strip() for x in head.split("|"))
            v, secrets = values(Maker(rng))
            name = "o%d" % number
            number += 1
            used = [secrets[n] for n in set(re.findall(r"<+([A-Z0-9]+)", text)) if n in secrets]
            case = Case(provider, what, [("", "")], used if expected == "error" else [], expected, False)
            docs.append((name, case, "its own form", fill(text.strip("\n") + "\n", dict(v)).replace("NAME", name)))
    return docs
