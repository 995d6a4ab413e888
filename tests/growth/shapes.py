"""Documents that were slow once, or could be: each shape is a function of how many parts it has."""
import json


def configmap(data, name="c"):
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: central}\n%s" % (name, data)


def merge_keys(n):
    """One mapping that merges 64 mappings of n keys each."""
    anchors = "".join("  a%d: &a%d {%s}\n" % (i, i, ", ".join("k%d_%d: v" % (i, k) for k in range(n))) for i in range(64))
    return configmap("data:\n%s  all: {<<: [%s]}\n" % (anchors, ", ".join("*a%d" % i for i in range(64))))


def many_merges(n):
    """n mappings that merge the same two."""
    return configmap("x: &x {a: b, c: d}\ny: &y {e: f}\ndata:\n" + "".join("  k%d: {<<: [*x, *y], own: z}\n" % i for i in range(n)))


def anchors(n):
    """Aliases of a thousand anchors, as far as readers take them."""
    named = "".join("  a%d: &a%d v\n" % (i, i) for i in range(900))
    return configmap("data:\n" + named + "".join("  k%d: [*a%d, 1, 2, 3]\n" % (i, i % 900) for i in range(n)))


def account_keys(n):
    return configmap('data:\n  a: "%s"\n' % ("AccountKey=" * n))


def assignments(n):
    return configmap('data:\n  a: "%s"\n' % ("password = x; " * n))


def nested_texts(n):
    return configmap("data:\n" + "".join("  k%d: |\n    a: b\n    accessKey: c\n" % i for i in range(n)))


def nested_objects(n):
    inner = "    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: n%d}\n    data: {a: b}\n"
    return configmap("data:\n" + "".join("  k%d: |\n%s" % (i, inner % i) for i in range(n)))


def key_id():
    return "AK" + "IA" + "Z7QX3M5B2VN4KD6P"  # put together here: no such text stands in the repository


def one_line_json(n):
    """Findings in every object, all on one line."""
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "central"}}
    return "".join(json.dumps(dict(one, metadata=dict(one["metadata"], name="c%d" % i), data={"a": key_id()})) for i in range(n))


def one_line_list(n):
    items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c%d" % i, "namespace": "central"},
              "data": {"a": key_id()}} for i in range(n)]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def one_line_wide(n):
    """As one_line_json, with characters of several bytes before every finding."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c%d" % i, "namespace": "central"},
         "data": {"ä": "größe", "b": key_id()}} for i in range(n)]}, ensure_ascii=False)


def deployment(env, volumes=""):
    return ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: px-backup, namespace: central}\nspec:\n  template:\n    spec:\n"
            "      containers:\n      - name: px-backup\n        image: a/b:1\n        env:\n" + env + volumes)


def env_list(n):
    return deployment("".join("        - name: E%d\n          value: v\n" % i for i in range(n)))


def env_findings(n):
    return deployment("".join("        - name: E%d\n          value: %s\n" % (i, key_id()) for i in range(n)))


def env_same_name(n):
    return deployment("".join("        - name: PX_BACKUP_FEDERATED\n          value: \"false\"\n" for i in range(n)))


def many_documents(n):
    return "".join("---\n" + configmap("data: {a: b}\n", "c%d" % i) for i in range(n))


def same_objects(n):
    return "".join("---\n" + configmap("data: {a: b}\n") for i in range(n))


def many_findings(n):
    return "".join("---\n" + configmap("data: {a: %s}\n" % key_id(), "c%d" % i) for i in range(n))


def findings_in_one(n):
    return configmap("data:\n" + "".join("  k%d: %s\n" % (i, key_id()) for i in range(n)))


def many_keys(n):
    return configmap("data:\n" + "".join("  k%d: v\n" % i for i in range(n)))


def duplicate_keys(n):
    """Two of each; above 1000 the document is refused."""
    return configmap("data:\n" + "".join("  k%d: v\n" % i for i in range(n)) + "".join("  k%d: w\n" % i for i in range(min(n, 400))))


def comments(n):
    return configmap("data:\n  a: b\n" + "  # a comment on its own line\n" * n)


def comment_texts(n):
    return configmap("data:\n" + "".join("  k%d: v # AWS_SECRET_ACCESS_KEY=x\n" % i for i in range(n)))


def blank_lines(n):
    return configmap("data:\n  a: |\n    x\n" + "\n" * n + "    y\n")


def block_text(n):
    return configmap("data:\n  a: |\n" + "    a line of a text: value\n" * n)


def folded_quotes(n):
    return configmap("data:\n  a: \"x\n" + "    a line of a text\\\n" * n + "    \"\n")


def single_quotes(n):
    return configmap("data:\n  a: '" + "''''x" * n + "'\n")


def flat_list(n):
    return configmap("data:\n  a:\n" + "  - v\n" * n)


def named_list(n):
    return configmap("data:\n  a:\n" + "".join("  - {name: n%d, password: '%s'}\n" % (i, "x" * 12) for i in range(n)))


def deep_lists(n):
    """Documents of 200 lists in each other."""
    return "".join("---\n" + configmap("data: " + "[" * 200 + "]" * 200 + "\n", "c%d" % i) for i in range(n))


def deep_mappings(n):
    return "".join("---\n" + configmap("data: " + "{a: " * 200 + "b" + "}" * 200 + "\n", "c%d" % i) for i in range(n))


def claims(n):
    return "".join("---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: p%d, namespace: central}\n"
                   "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n" % i for i in range(n))


def references(n):
    return "".join("---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: central}\nspec:\n  containers:\n"
                   "  - name: c\n    image: a/b:1\n    envFrom: [{secretRef: {name: s%d}}]\n" % (i, i) for i in range(n))


def base64_secret(n):
    return "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: central}\ndata:\n" + "".join(
        "  k%d: YTogYgpjOiBkCg==\n" % i for i in range(n))


def long_line(n):
    return configmap("data:\n  a: " + "word " * n + "end\n")


def percent(n):
    return configmap("data:\n  a: \"" + "%" * n + "\"\n")


def separators(n):
    return configmap("data:\n  a: \"" + "--- " * n + "\"\n") + "---\n# nothing\n" * n


# name: (shape, parts at 1x); about 30 kB each.
SHAPES = {
    f.__name__: (f, n) for f, n in (
        (merge_keys, 30), (many_merges, 800), (anchors, 1200), (account_keys, 2700), (assignments, 2100), (nested_texts, 800),
        (nested_objects, 300), (one_line_json, 220), (one_line_list, 220), (one_line_wide, 180), (env_list, 700), (env_findings, 500),
        (env_same_name, 500), (many_documents, 320), (same_objects, 320), (many_findings, 250), (findings_in_one, 1000),
        (many_keys, 2500), (duplicate_keys, 2000), (comments, 1000), (comment_texts, 800), (blank_lines, 30000), (block_text, 1000),
        (folded_quotes, 1300), (single_quotes, 6000), (flat_list, 5000), (named_list, 700), (deep_lists, 70), (deep_mappings, 40),
        (claims, 180), (references, 180), (base64_secret, 1000), (long_line, 6000), (percent, 30000), (separators, 2000),
    )
}
