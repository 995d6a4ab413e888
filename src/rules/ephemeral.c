/*
 * ephemeral.c: no data on a disk that goes with its pod. A database's container mounts its folder from a claim that
 * the release renders and keeps.
 */
#include "rules/mounts.h"
#include "rules/places.h"

/* What a volume is made of ("emptyDir"), in `what`. True for files that are rendered, which are no data. */
static bool is_files(const struct node *volume, struct slice *what)
{
	static const char *const files[] = {"configMap", "secret", "projected", "downwardAPI"};

	*what = SLICE("emptyDir"); /* what a volume without a source is */
	for (struct map_iter it = map_iter_of(volume); map_next(&it);) {
		if (node_is_null(it.value) || slice_is(node_text(it.key), "name"))
			continue;
		*what = node_text(it.key);
		for (size_t i = 0; i < ARRAY_SIZE(files); i++)
			if (slice_is(*what, files[i]))
				return true;
	}
	return false;
}

/* A claim that the release renders and keeps; one that is a hook goes with the next run of the hook. */
static bool is_kept_claim(const struct gate *g, struct slice name)
{
	const struct object *claim = release_find_near(g->release, "PersistentVolumeClaim", name, NULL);

	return claim && !claim->is_hook && !(wants_argo(g) && object_argo_hook(claim));
}

/* A PersistentVolume of the release that is bound to the claim by name, and is a folder of one node. */
static bool is_on_a_node(const struct gate *g, struct slice claim)
{
	const struct object *c = release_find_near(g->release, "PersistentVolumeClaim", claim, NULL);
	struct slice volume = node_string(c ? node_at(c->root, "spec/volumeName") : NULL);

	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (object_is(o, "PersistentVolume", NULL) &&
		    (slice_eq(node_string(node_at(o->root, "spec/claimRef/name")), claim) ||
		     (volume.n && slice_eq(o->name, volume))) &&
		    (node_at(o->root, "spec/hostPath") || node_at(o->root, "spec/local")))
			return true;
	}
	return false;
}

/* Why the data of a volume does not last: a word for it; empty when it does, or is no data. */
static struct slice fault_of(const struct gate *g, const struct node *volume, bool files_count)
{
	struct slice what, name = node_string(node_at(volume, "persistentVolumeClaim/claimName"));

	if (is_files(volume, &what))
		return files_count ? what : SLICE_EMPTY;
	if (!slice_is(what, "persistentVolumeClaim"))
		return what;
	if (name.n && is_on_a_node(g, name))
		return SLICE("a claim on a folder of one node");
	if (!name.n || is_kept_claim(g, name))
		return SLICE_EMPTY;
	return release_find_near(g->release, "PersistentVolumeClaim", name, NULL)
		       ? SLICE("a claim that is a hook")
		       : SLICE("a claim that the release does not have");
}

/* --- the volume by name ----------------------------------------------------------------------------------------- */

static void find_ephemeral(struct gate *g, const struct object *o, const struct node *volume, struct slice kind)
{
	struct finding *f = gate_find(g, o, volume);

	finding_found(g, f, kind);
	finding_expected(g, f, "a claim");
	finding_say(g, f, "volume %s keeps its data in %s: it is lost when the pod goes",
		    gate_show(g, node_string(node_lookup(volume, "name"))), f->found);
	finding_fix_value(g, f, VALUE_STORAGE_ENABLED, "true");
	finding_fix_value(g, f, VALUE_STORAGE_CLASS, class_text(g, expected_class(g)));
}

/* Volumes of the known name that go with their pod; returns how many there are. */
static size_t check_named(const struct gate *g, struct gate *say, const struct object *o, const struct database *db)
{
	size_t n = 0;

	for (struct seq_iter it = seq_iter_of(node_lookup(object_pod_spec(o), "volumes")); seq_next(&it);) {
		struct slice kind;

		if (!database_volume_is(db, node_string(node_lookup(it.item, "name"))))
			continue;
		kind = fault_of(g, it.item, false);
		if (!kind.n)
			continue;
		n++;
		if (say)
			find_ephemeral(say, o, it.item, kind);
	}
	return n;
}

bool databases_are_ephemeral(const struct gate *g)
{
	for (size_t i = 0; i < g->release->objects.n; i++)
		for (size_t j = 0; j < DATABASE_COUNT; j++)
			if (object_is(g->release->objects.v[i], databases[j].kind, databases[j].name) &&
			    check_named(g, NULL, g->release->objects.v[i], &databases[j]))
				return true;
	return false;
}

static bool has_volume(const struct object *o, const struct database *db)
{
	const struct node *spec = node_lookup(o->root, "spec");

	for (struct seq_iter it = seq_iter_of(node_lookup(spec, "volumeClaimTemplates")); seq_next(&it);)
		if (database_volume_is(db, node_string(node_at(it.item, "metadata/name"))))
			return true;
	for (struct seq_iter it = seq_iter_of(node_lookup(object_pod_spec(o), "volumes")); seq_next(&it);)
		if (database_volume_is(db, node_string(node_lookup(it.item, "name"))))
			return true;
	return false;
}

/* --- the folder in the container -------------------------------------------------------------------------------- */

static struct finding *find_unmounted(struct gate *g, const struct object *o, const struct node *at,
				      const struct database *db)
{
	struct finding *f = gate_find(g, o, at);

	finding_expected(g, f, "a mount of volume %s", db->volume);
	finding_fix(g, f, "Mount the claim %s at %s, as the chart does.", db->volume, db->data);
	return f;
}

/* The volume behind a mount: of a claim template, or of a claim that is kept. */
static bool is_lasting(const struct gate *g, const struct object *o, struct slice name, struct slice *fault)
{
	const struct node *spec = node_lookup(o->root, "spec"), *volume;
	size_t same;

	*fault = SLICE("no volume");
	for (struct seq_iter it = seq_iter_of(node_lookup(spec, "volumeClaimTemplates")); seq_next(&it);)
		if (slice_eq(node_string(node_at(it.item, "metadata/name")), name)) {
			*fault = SLICE_EMPTY;
			return true;
		}
	volume = node_named(node_lookup(object_pod_spec(o), "volumes"), name, &same);
	if (!volume)
		return false;
	*fault = fault_of(g, volume, true);
	return !fault->n;
}

static bool is_read_only(const struct node *mount)
{
	return node_is_bool(node_lookup(mount, "readOnly"), true);
}

static void check_folder(struct gate *g, const struct object *o, const struct container *c, const struct database *db,
			 const struct folder *folder)
{
	const struct node *mount = mount_over(g, c, folder->path);
	struct slice name = node_string(node_lookup(mount, "name")), fault;
	struct finding *f;

	if (!mount) {
		f = find_unmounted(g, o, folder->at ? folder->at : c->node, db);
		finding_say(g, f, "container %s keeps its data in %s, where no volume is mounted: it is lost",
			    gate_show(g, c->name), gate_show(g, folder->path));
		return;
	}
	if (is_lasting(g, o, name, &fault) && !is_read_only(mount))
		return;
	f = find_unmounted(g, o, mount, db);
	if (!fault.n) {
		finding_say(g, f, "container %s keeps its data in %s, and its volume is mounted read-only there",
			    gate_show(g, c->name), gate_show(g, folder->path));
		return;
	}
	finding_say(g, f, "container %s keeps its data in %s, and volume %s there is %s: it is lost when the pod goes",
		    gate_show(g, c->name), gate_show(g, folder->path), gate_show(g, name), gate_show(g, fault));
}

/* A volume over a part of the data hides what the claim has there. */
static void check_below(struct gate *g, const struct object *o, const struct container *c, const struct database *db,
			struct slice path)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "volumeMounts")); seq_next(&it);) {
		const struct node *volume;
		struct slice name = node_string(node_lookup(it.item, "name")), fault;
		struct finding *f;
		size_t same;

		if (!path_is_below(path_clean(g, node_string(node_lookup(it.item, "mountPath"))), path))
			continue;
		volume = node_named(node_lookup(object_pod_spec(o), "volumes"), name, &same);
		fault = volume ? fault_of(g, volume, false) : SLICE_EMPTY;
		if (!fault.n)
			continue;
		f = find_unmounted(g, o, it.item, db);
		finding_say(g, f,
			    "volume %s (%s) is mounted over a part of the data in %s: it is lost when the pod goes",
			    gate_show(g, name), gate_show(g, fault), gate_show(g, path));
	}
}

static void check_mounts(struct gate *g, const struct object *o, const struct database *db)
{
	const struct container *c = object_container(g->release, o, db->container);
	struct folders folders;

	if (!c)
		return; /* component-missing says that */
	folders_of(g, c, db, &folders);
	for (size_t i = 0; i < folders.n; i++)
		check_folder(g, o, c, db, &folders.v[i]);
	check_below(g, o, c, db, slice_str(db->data));
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

/* The set may take its claims along when it goes, or when a pod does. */
static void check_retention(struct gate *g, const struct object *o)
{
	static const char *const keys[] = {"whenDeleted", "whenScaled"};
	const struct node *policy = node_at(o->root, "spec/persistentVolumeClaimRetentionPolicy");

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct node *value = node_lookup(policy, keys[i]);
		struct finding *f;

		if (!node_string_is(value, "Delete"))
			continue;
		f = gate_find(g, o, value);
		finding_expected(g, f, "Retain");
		finding_say(g, f, "the claims of " SLICE_FMT " are deleted with it (%s: Delete)", SLICE_ARG(o->name),
			    keys[i]);
		finding_fix(g, f, "Remove persistentVolumeClaimRetentionPolicy, as the chart has none.");
	}
}

static void check_database(struct gate *g, const struct object *o, const struct database *db)
{
	struct finding *f;

	check_retention(g, o);

	if (check_named(g, g, o, db))
		return;
	if (has_volume(o, db)) {
		check_mounts(g, o, db);
		return;
	}
	f = gate_find(g, o, node_lookup(o->root, "spec"));
	finding_expected(g, f, "a claim %s", db->volume);
	finding_say(g, f, SLICE_FMT " has no volume for its data: it is lost when the pod goes", SLICE_ARG(o->name));
	finding_fix_value(g, f, VALUE_STORAGE_ENABLED, "true");
}

static void check_monitoring(struct gate *g, const struct object *o)
{
	const struct node *storage = node_at(o->root, "spec/storage");
	struct finding *f;

	if (node_is_mapping(node_lookup(storage, "volumeClaimTemplate")) && !node_lookup(storage, "emptyDir") &&
	    !node_lookup(storage, "ephemeral"))
		return;
	f = gate_find(g, o, storage && !node_is_null(storage) ? storage : node_lookup(o->root, "spec"));
	finding_expected(g, f, "spec.storage.volumeClaimTemplate");
	finding_say(g, f, SLICE_FMT " has no claim: its data is lost on every restart", SLICE_ARG(o->kind));
	finding_fix_value(g, f, VALUE_STORAGE_CLASS, class_text(g, expected_class(g)));
}

/* The database, and what is taken for it. */
static void check_row(struct gate *g, const struct database *db)
{
	const struct object *original = release_find(g->release, db->kind, db->name);
	struct stand_ins twins = {0};

	if (original)
		stand_ins_of(g->release, original, &twins);
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if ((!o->owner && object_is(o, db->kind, db->name)) ||
		    (original && !chart_knows(o) && stands_in(&twins, o)))
			check_database(g, o, db);
	}
}

void rule_storage_ephemeral(struct gate *g)
{
	for (size_t i = 0; i < DATABASE_COUNT; i++)
		check_row(g, &databases[i]);
	for (size_t i = 0; i < g->release->objects.n; i++)
		if (is_backup_monitoring(g->release->objects.v[i]))
			check_monitoring(g, g->release->objects.v[i]);
}
