#include "chart/database.h"
#include "chart/place.h"
#include "chart/chart_object.h"
#include "lock/lock.h"

void lock_init(struct lock *l)
{
	memset(l, 0, sizeof(*l));
	l->arena = ARENA_INIT((size_t)64 << 20);
	l->source = "";
}

void lock_release(struct lock *l)
{
	arena_release(&l->arena);
	memset(l, 0, sizeof(*l));
}

static const char *const mode_names[] = {"unknown", "classic", "federated", "mixed"};

const char *lock_mode_name(enum lock_mode m)
{
	return mode_names[m];
}

bool lock_claim_is_monitoring(const struct lock_claim *c)
{
	return !slice_is(c->kind, "PersistentVolumeClaim") && !slice_is(c->kind, "StatefulSet");
}

bool lock_claim_is_database(const struct lock_claim *c)
{
	return database_find(c->kind, c->object) || (slice_is(c->kind, chart_objects[OBJECT_MYSQL_CLAIM].kind) &&
						     slice_is(c->object, chart_objects[OBJECT_MYSQL_CLAIM].name));
}

int lock_check_complete(const struct lock *l, struct err *err)
{
	if (l->mode == LOCK_MODE_UNKNOWN)
		return err_set(err, STATUS_INPUT, "%s shows no mode: neither ConfigMap %s nor Deployment %s is there",
			       l->source, chart_object_name(OBJECT_UI_CONFIG), chart_object_name(OBJECT_PX_BACKUP));
	if (l->mode == LOCK_MODE_MIXED)
		return err_set(err, STATUS_INPUT,
			       "%s is neither Classic nor Federated: the places of %s disagree "
			       "('pxb-fed check' names them)",
			       l->source, chart_env(VALUE_FEDERATED));
	if (!l->ns.n)
		return err_set(err, STATUS_INPUT, "%s shows no namespace", l->source);
	if (!l->release_name.n)
		return err_set(err, STATUS_INPUT,
			       "%s shows no release name: no object has the label app.kubernetes.io/instance",
			       l->source);
	if (!l->claims.n)
		return err_set(err, STATUS_INPUT, "%s has no claim: there is no storage that could be locked",
			       l->source);
	return 0;
}
