#include "cluster/listing.h"

#include "yaml/stream.h"

static void put_item(const struct node *item, struct slice json, const char *api_version, const char *kind,
		     struct buf *out)
{
	buf_addc(out, '{');
	if (!node_lookup(item, "apiVersion"))
		buf_addf(out, "\"apiVersion\":\"%s\",", api_version);
	if (!node_lookup(item, "kind"))
		buf_addf(out, "\"kind\":\"%s\",", kind);
	buf_add(out, slice_of(json.p + item->start + 1, item->end - item->start - 1));
}

int listing_items(struct slice json, const char *api_version, const char *kind, struct buf *out, bool *any,
		  struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *items;

	limits.bytes = json.n + 1;
	stream_init(&s, &limits);
	if (stream_add(&s, "the list", json, err) < 0)
		return err->status;
	items = s.documents.n == 1 && !s.problems.n ? node_lookup(s.documents.v[0].root, "items") : NULL;
	if (!node_is_sequence(items))
		return err_set(err, STATUS_HELPER, "the API server's list of %ss cannot be read", kind);
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (!node_is_mapping(it.item) || !it.item->child)
			continue;
		if (*any)
			buf_addc(out, ',');
		*any = true;
		put_item(it.item, json, api_version, kind, out);
	}
	return out->failed ? err_nomem(err) : 0;
}
