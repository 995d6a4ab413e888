#!/usr/bin/env python3
"""made_report.py hostile|many: a report as `explain --last` keeps it, made by hand, on standard output.

hostile: every text of every part holds what some reader could take for markup, a command, a link or a mention; each
holds a word of its own (`word-N`), so that a test can tell that nothing got lost.
many: 10,000 findings about 5,000 objects.
"""
import itertools
import json
import sys

HOSTILE = ("\"'><img src=x onerror=alert(1)></td></script><script>alert(2)</script><!-- --> ]]> & &lt; &#x41; "
           "| ` ``` @octocat #1 http://evil.example/x www.evil.example a@evil.example [a](http://evil.example) ![i](http://evil.example/i) "
           "<http://evil.example> :x: $x$ **b** __u__ ~~s~~ %0A %0D\r\n::error::injected\r\n##[error]injected\n# heading\n- item\n"
           "\t\x01\x07\x1b[2J\x7f\x85\u2028\u202e\ufeff\ufffe\U0001f600\U000e0041 ${{ secrets.X }} {{ x }} javascript:alert(3) ")


def make(number, text):
    """A finding whose texts are text(field)."""
    kinds = ("error", "warning", "note")
    return {
        "rule": "namespace", "severity": kinds[number % 3], "patched": False, "patchable": False,
        "excepted": {"reason": text("reason"), "expires": text("expires")} if number % 4 == 3 else None,
        "object": {"apiVersion": text("apiVersion"), "kind": text("kind"), "namespace": text("namespace"), "name": text("name")},
        "source": text("source"), "path": text("path"), "line": number + 1, "column": 3, "endColumn": 9, "message": text("message"),
        "found": text("found"), "expected": text("expected"), "fix": ["--set " + text("option"), text("fix")],
        "fingerprint": text("fingerprint"), "input": text("input"), "notPatched": text("notPatched"),
        "excerpt": {"text": text("excerpt"), "column": 3, "length": 6},
    }


def report(findings, unread=(), edits=(), verdict="refused"):
    return {"schema": 2, "tool": {"name": "pxb-fed", "version": "0"}, "verdict": verdict,
            "stream": {"flavour": "template", "hooks": "visible", "bytes": 1, "documents": 5001, "objects": 5001},
            "findings": findings, "edits": list(edits), "rules": ["stream", "namespace"], "failOn": "error", "unread": list(unread),
            "exitCode": 1}


def hostile():
    number = itertools.count()

    def text(field):
        return "%s word-%d %s" % (field, next(number), HOSTILE)

    findings = [make(i, text) for i in range(8)]
    findings[4]["rule"] = "rule " + HOSTILE
    findings[5]["object"] = None
    made = report(findings, [text("unread")])
    return made


def many():
    def finding(i):
        f = make(i, lambda field: "%s-%d" % (field, i))
        f["object"] = {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "central", "name": "object-%d" % (i % 5000)}
        f["rule"] = ("namespace", "storage-class", "telemetry", "image-registry", "values")[i % 5]
        f["excepted"] = None
        return f

    order = {"error": 0, "warning": 1, "note": 2}
    return report(sorted((finding(i) for i in range(10000)), key=lambda f: order[f["severity"]]))


json.dump({"hostile": hostile, "many": many}[sys.argv[1]](), sys.stdout)
