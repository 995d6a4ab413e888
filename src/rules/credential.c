/*
 * credential.c: no value of a cloud credential anywhere. Places and shapes are in src/credentials; what may be shown of
 * a find is decided here: kind, place and remedy, never a byte of the value.
 */
#include "credentials/detect.h"
#include "credentials/walk.h"
#include "rules/gate.h"

static void found(struct gate *g, const struct scalar *s, const struct detection *d)
{
	struct finding *f = gate_find(g, s->object, s->node);

	finding_say(g, f, "%s: %s%s; Federated mode stores no cloud credential centrally", d->provider, d->what,
		    s->decoded ? " (base64 in a Secret)" : "");
	finding_mend(g, f, "%s", d->remedy);
}

static void look(void *arg, const struct scalar *s)
{
	struct gate *g = arg;
	struct detection d;

	if (credential_in_value(s->value, &d))
		found(g, s, &d);
	else if (!s->is_key && s->name.n && credential_name(s->name, &d) && credential_is_literal(s->value))
		found(g, s, &d);
}

void rule_cloud_credential(struct gate *g)
{
	if (g->second_evaluation) /* the walk has seen the losers already */
		return;
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (!o->owner && credential_walk(o, look, g) < 0)
			g->arena.failed = true;
	}
}
