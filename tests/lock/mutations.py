"""Changes of an installation: those that a lock stops, with the rule that does, and those that it must let pass.

A change takes the list of objects, changes it, and returns False where the stream has nothing that it could change.
"""
from bench import env_of, find, is_hook, without

RULES = {"mode-locked", "namespace-locked", "storage-locked", "selector-locked", "encryption-locked"}


def template(kind, name, claim=None):
    def pick(objects):
        for o in find(objects, kind, name):
            for t in o["spec"].get("volumeClaimTemplates") or []:
                if claim is None or t["metadata"]["name"].startswith(claim):
                    return t
        return None
    return pick


def pvc(name):
    return lambda objects: next(iter(find(objects, "PersistentVolumeClaim", name)), None)


def operator(kind):
    def pick(objects):
        for o in find(objects, kind):
            storage = o["spec"].get("storage") or {}
            if "volumeClaimTemplate" in storage:
                return storage["volumeClaimTemplate"]
        return None
    return pick


MONGO = template("StatefulSet", "pxc-backup-mongodb")
POSTGRES = template("StatefulSet", "pxcentral-keycloak-postgresql")
THEME = template("StatefulSet", "pxcentral-keycloak")
MYSQL = pvc("pxcentral-mysql-pvc")
PROMETHEUS = operator("Prometheus")
ALERTMANAGER = operator("Alertmanager")


def spec(pick, **values):
    def change(objects):
        claim = pick(objects)
        if claim is None:
            return False
        claim["spec"].update(values)
    return change


def size(pick, text):
    return spec(pick, resources={"requests": {"storage": text}})


def no_class(pick):
    def change(objects):
        claim = pick(objects)
        return False if claim is None else claim["spec"].pop("storageClassName", False) is not False
    return change


def drop(kind, name):
    return lambda objects: without(objects, kind, name)


def drop_templates(name):
    def change(objects):
        found = [o for o in find(objects, "StatefulSet", name) if o["spec"].get("volumeClaimTemplates")]
        for o in found:
            del o["spec"]["volumeClaimTemplates"]
        return bool(found)
    return change


def drop_storage(kind):
    def change(objects):
        found = [o for o in find(objects, kind) if o["spec"].get("storage")]
        for o in found:
            del o["spec"]["storage"]
        return bool(found)
    return change


def add_template(name):
    def change(objects):
        for o in find(objects, "StatefulSet", name):
            o["spec"].setdefault("volumeClaimTemplates", []).append(
                {"metadata": {"name": "more"}, "spec": {"accessModes": ["ReadWriteOnce"]}})
            return True
        return False
    return change


def template_label(objects):
    claim = MONGO(objects)
    if claim is None:
        return False
    claim["metadata"]["labels"] = {"tier": "db"}


def selector(kind, name):
    def change(objects):
        for o in find(objects, kind, name):
            o["spec"]["selector"]["matchLabels"]["added"] = "label"
            return True
        return False
    return change


def expressions(objects):
    for o in find(objects, "Deployment", "px-backup"):
        o["spec"]["selector"]["matchExpressions"] = [{"key": "app", "operator": "In", "values": ["px-backup"]}]
        return True
    return False


def field(kind, name, key, value):
    def change(objects):
        found = [o for o in find(objects, kind, name) if o["spec"].get(key) != value]
        for o in found:
            o["spec"][key] = value
        return bool(found)
    return change


def namespace(objects):
    for o in objects:
        if "namespace" in o["metadata"]:
            o["metadata"]["namespace"] = "elsewhere"


def instance(objects):
    for o in objects:
        labels = o["metadata"].get("labels") or {}
        if "app.kubernetes.io/instance" in labels:
            labels["app.kubernetes.io/instance"] = "renamed"


def encryption(objects):
    for o in find(objects, "Deployment", "px-backup"):
        for e in env_of(o, "ENCRYPT_MONGODB"):
            e["value"] = "false" if e["value"] == "true" else "true"
            return True
    return False


def flag(*where):
    """The mode turned over, in these kinds of places."""
    def change(objects):
        done = False
        for o in find(objects, "ConfigMap", "pxcentral-ui-configmap") if "ui" in where else []:
            o["data"]["PX_BACKUP_FEDERATED"] = "false"
            done = True
        for kind, name in (("Deployment", "px-backup"), ("Job", "pxcentral-post-install-hook")):
            for o in find(objects, kind, name) if name in where else []:
                for c in o["spec"]["template"]["spec"]["containers"]:
                    c["env"] = [e for e in c.get("env") or [] if e["name"] != "PX_BACKUP_FEDERATED"]
                    done = True
        return done
    return change


# name, change, the rule that finds it, whether `lock update` takes it
LOCKED = [
    ("Classic everywhere", flag("ui", "px-backup", "pxcentral-post-install-hook"), "mode-locked", False),
    ("Classic in the UI", flag("ui"), "mode-locked", None),
    ("Classic in px-backup", flag("px-backup"), "mode-locked", None),
    ("Classic in the post-install Job", flag("pxcentral-post-install-hook"), "mode-locked", None),
    ("another namespace", namespace, "namespace-locked", False),
    ("another release name", instance, "namespace-locked", False),
    ("encryption", encryption, "encryption-locked", False),
    ("class of MySQL", spec(MYSQL, storageClassName="another"), "storage-locked", False),
    ("class of MongoDB", spec(MONGO, storageClassName="another"), "storage-locked", False),
    ("class of PostgreSQL", spec(POSTGRES, storageClassName="another"), "storage-locked", False),
    ("class of the theme", spec(THEME, storageClassName="another"), "storage-locked", False),
    ("class of Prometheus", spec(PROMETHEUS, storageClassName="another"), "storage-locked", False),
    ("class of Alertmanager", spec(ALERTMANAGER, storageClassName="another"), "storage-locked", False),
    ("empty class of MySQL", spec(MYSQL, storageClassName=""), "storage-locked", False),
    ("no class of MongoDB", no_class(MONGO), "storage-locked", False),
    ("smaller MySQL", size(MYSQL, "99Gi"), "storage-locked", False),
    ("smaller MySQL by a byte", size(MYSQL, str(100 * 2**30 - 1)), "storage-locked", False),
    ("smaller MongoDB", size(MONGO, "1Gi"), "storage-locked", False),
    ("larger MongoDB", size(MONGO, "128Gi"), "storage-locked", True),
    ("larger PostgreSQL", size(POSTGRES, "20Gi"), "storage-locked", True),
    ("access modes of MySQL", spec(MYSQL, accessModes=["ReadWriteMany"]), "storage-locked", False),
    ("access modes of MongoDB", spec(MONGO, accessModes=["ReadWriteOnce", "ReadWriteMany"]), "storage-locked", False),
    ("raw block MySQL", spec(MYSQL, volumeMode="Block"), "storage-locked", True),
    ("source of MySQL", spec(MYSQL, dataSource={"kind": "VolumeSnapshot", "name": "s"}), "storage-locked", True),
    ("raw block MongoDB", spec(MONGO, volumeMode="Block"), "storage-locked", True),
    ("label of a template", template_label, "storage-locked", True),
    ("MySQL's claim gone", drop("PersistentVolumeClaim", "pxcentral-mysql-pvc"), "storage-locked", False),
    ("MongoDB gone", drop("StatefulSet", "pxc-backup-mongodb"), "storage-locked", False),
    ("MongoDB on emptyDir", drop_templates("pxc-backup-mongodb"), "storage-locked", False),
    ("Prometheus on emptyDir", drop_storage("Prometheus"), "storage-locked", True),
    ("a template more", add_template("pxc-backup-mongodb"), "storage-locked", True),
    ("selector of px-backup", selector("Deployment", "px-backup"), "selector-locked", True),
    ("selector of the backend", selector("Deployment", "pxcentral-backend"), "selector-locked", True),
    ("selector of MongoDB", selector("StatefulSet", "pxc-backup-mongodb"), "selector-locked", True),
    ("selector by expression", expressions, "selector-locked", True),
    ("service of MongoDB", field("StatefulSet", "pxc-backup-mongodb", "serviceName", "x"), "selector-locked", True),
    ("pod management of MongoDB", field("StatefulSet", "pxc-backup-mongodb", "podManagementPolicy", "OrderedReady"),
     "selector-locked", True),
    ("pod management of PostgreSQL", field("StatefulSet", "pxcentral-keycloak-postgresql", "podManagementPolicy",
                                           "Parallel"), "selector-locked", True),
]


def each_pod(fn):
    def change(objects):
        for o in objects:
            pod = ((o.get("spec") or {}).get("template") or {}).get("spec") or {}
            for c in (pod.get("containers") or []) + (pod.get("initContainers") or []):
                fn(c)
    return change


def images(container):
    container["image"] = "registry.example.com/pxb/x:9"


def more_env(container):
    container["env"] = (container.get("env") or []) + [{"name": "ADDED", "value": "1"}]


def limits(container):
    container["resources"] = {"limits": {"memory": "1Gi"}}


def labels(objects):
    for o in objects:
        o["metadata"].setdefault("labels", {})
        o["metadata"]["labels"] = {**(o["metadata"]["labels"] or {}), "added": "label"}


def annotations(objects):
    for o in objects:
        o["metadata"]["annotations"] = {**(o["metadata"].get("annotations") or {}), "example.com/by": "us"}


def chart(objects):
    for o in objects:
        found = o["metadata"].get("labels") or {}
        if "helm.sh/chart" in found:
            found["helm.sh/chart"] = "px-central-3.1.0-fc1"


def replicas(objects):
    for o in find(objects, "StatefulSet") + find(objects, "Deployment"):
        o["spec"]["replicas"] = 5


def strategy(objects):
    for o in find(objects, "StatefulSet"):
        o["spec"]["updateStrategy"] = {"type": "OnDelete"}
        o["spec"]["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Retain"}
        o["spec"]["minReadySeconds"] = 5
        o["spec"]["revisionHistoryLimit"] = 3


def job(objects):
    found = find(objects, "Job", "pxcentral-post-install-hook")
    for o in found:
        for c in o["spec"]["template"]["spec"]["containers"]:
            more_env(c)
            images(c)
        o["spec"]["backoffLimit"] = 9
    return bool(found)


def defaults(objects):
    """What the API server fills in."""
    for o in find(objects, "StatefulSet"):
        o["spec"].setdefault("podManagementPolicy", "OrderedReady")
        for t in o["spec"].get("volumeClaimTemplates") or []:
            t.update(apiVersion="v1", kind="PersistentVolumeClaim", status={"phase": "Pending"})
            t["metadata"]["creationTimestamp"] = None
            t["spec"]["volumeMode"] = "Filesystem"
    for o in find(objects, "PersistentVolumeClaim"):
        o["spec"].update(volumeMode="Filesystem", volumeName="pv-1")


def units(objects):
    if MYSQL(objects) is None:
        return False
    size(MYSQL, str(100 * 1024) + "Mi")(objects)
    return size(MONGO, str(64 * 2**30))(objects)


def postgres(objects):
    claim = POSTGRES(objects)
    if claim is None or not claim["metadata"]["name"].startswith("pxcentral-keycloak-data-postgres"):
        return False
    claim["metadata"]["name"] = "pxcentral-keycloak-data-postgres19"
    claim["spec"]["resources"]["requests"]["storage"] = "12Gi"


def without_hooks(objects):
    objects[:] = [o for o in objects if not is_hook(o)]


def hook_claims(objects):
    found = [o for o in find(objects, "PersistentVolumeClaim") if is_hook(o)]
    for o in found:
        o["metadata"]["name"] = "pre-upgrade-data-pvc"
        o["spec"]["storageClassName"] = "gp3"
        o["spec"]["resources"]["requests"]["storage"] = "65Gi"
    return bool(found)


def add(o):
    def change(objects):
        objects.append(o)
    return change


def add_claim(objects):
    objects.append({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                    "metadata": {"name": "added", "namespace": "central"},
                    "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3"}})


def add_set(objects):
    objects.append({"apiVersion": "apps/v1", "kind": "StatefulSet",
                    "metadata": {"name": "added", "namespace": "central"},
                    "spec": {"serviceName": "added", "selector": {"matchLabels": {"a": "b"}},
                             "template": {"spec": {"containers": []}},
                             "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}]}})


def without_telemetry(objects):
    before = len(objects)
    objects[:] = [o for o in objects if not o["metadata"]["name"].startswith("px-backup-telemetry")]
    return len(objects) < before


def without_monitoring(objects):
    before = len(objects)
    objects[:] = [o for o in objects if o["kind"] not in ("Prometheus", "Alertmanager")]
    return len(objects) < before


# name, change
FREE = [
    ("nothing", lambda objects: None),
    ("labels", labels), ("annotations", annotations), ("chart's version", chart),
    ("images", each_pod(images)), ("env", each_pod(more_env)), ("limits", each_pod(limits)),
    ("replicas", replicas), ("mutable fields of StatefulSets", strategy),
    ("the post-install Job", job),
    ("no post-install Job", drop("Job", "pxcentral-post-install-hook")),
    ("defaults of the API server", defaults),
    ("the same sizes in other units", units),
    ("larger MySQL", size(MYSQL, "200Gi")),
    ("smaller Prometheus", size(PROMETHEUS, "5Gi")),
    ("larger Alertmanager", size(ALERTMANAGER, "20Gi")),
    ("access modes of Prometheus", spec(PROMETHEUS, accessModes=["ReadWriteOnce"])),
    ("PostgreSQL's next major", postgres),
    ("hooks hidden", without_hooks),
    ("hooks' claims", hook_claims),
    ("a claim more", add_claim),
    ("a StatefulSet more", add_set),
    ("telemetry gone", without_telemetry),
    ("monitoring handed over", without_monitoring),
    ("a Deployment gone", drop("Deployment", "prometheus-operator")),
]
