#include "audit/fact.h"

#include "base/buf.h"

#include <xxhash.h>

const struct audit_kind_info audit_kinds[KIND_COUNT] = {
#define AUDIT_KIND(id, name, severity, what, why, fix) [KIND_##id] = {name, SEVERITY_##severity, what, why, fix},
#include "audit/kinds.def"
#undef AUDIT_KIND
};

const struct fact_info fact_infos[FACT_COUNT] = {
#define FACT(id, table, new_kind, new_text, gone_kind, gone_text) \
	[FACT_##id] = {table, KIND_##new_kind, KIND_##gone_kind, new_text, gone_text},
#include "audit/facts.def"
#undef FACT
};

void fact_set_init(struct fact_set *s)
{
	memset(s, 0, sizeof(*s));
	s->arena = ARENA_INIT((size_t)256 << 20);
}

void fact_set_release(struct fact_set *s)
{
	arena_release(&s->arena);
	memset(s, 0, sizeof(*s));
}

static uint64_t hash_of(const struct fact *f)
{
	uint64_t h = (uint64_t)f->kind;

	for (size_t i = 0; i < FACT_TEXTS; i++) {
		struct slice text = slice_str(f->v[i]);

		h = XXH3_64bits_withSeed(text.p, text.n, h * 31 + i);
	}
	return h;
}

static bool same(const struct fact *a, const struct fact *b)
{
	if (a->kind != b->kind)
		return false;
	for (size_t i = 0; i < FACT_TEXTS; i++)
		if (!slice_eq(slice_str(a->v[i]), slice_str(b->v[i])))
			return false;
	return true;
}

/* The slot of a fact, or the empty one where it belongs. */
static size_t slot_of(const struct fact_set *s, const struct fact *f)
{
	size_t i = (size_t)hash_of(f) & (s->slots_n - 1);

	while (s->slots[i] && !same(&s->v.v[s->slots[i] - 1], f))
		i = (i + 1) & (s->slots_n - 1);
	return i;
}

/* At most half of the slots are taken. */
static bool make_room(struct fact_set *s)
{
	size_t n = s->slots_n ? s->slots_n * 2 : 1024;

	if (s->v.n * 2 < s->slots_n)
		return true;
	s->slots = arena_alloc(&s->arena, n * sizeof(*s->slots));
	if (!s->slots)
		return false;
	s->slots_n = n;
	for (size_t i = 0; i < s->v.n; i++)
		s->slots[slot_of(s, &s->v.v[i])] = (uint32_t)i + 1;
	return true;
}

struct fact *fact_find(const struct fact_set *s, const struct fact *f)
{
	size_t slot = s->slots_n ? slot_of(s, f) : 0;

	return s->slots_n && s->slots[slot] ? &s->v.v[s->slots[slot] - 1] : NULL;
}

static const char *kept(struct fact_set *s, const char *text)
{
	return text && *text ? arena_str(&s->arena, slice_str(text)) : "";
}

struct fact *fact_add(struct fact_set *s, const struct fact *f)
{
	struct fact *to;
	size_t slot;

	if (!make_room(s))
		return NULL;
	slot = slot_of(s, f);
	if (s->slots[slot])
		return &s->v.v[s->slots[slot] - 1];
	to = VEC_PUSH(&s->arena, s->v);
	if (!to)
		return NULL;
	*to = *f;
	for (size_t i = 0; i < FACT_TEXTS; i++)
		to->v[i] = kept(s, f->v[i]);
	to->object_kind = kept(s, f->object_kind);
	to->object_name = kept(s, f->object_name);
	to->source = kept(s, f->source);
	to->path = kept(s, f->path);
	to->event = kept(s, f->event);
	to->more = kept(s, f->more);
	s->slots[slot] = (uint32_t)s->v.n;
	return to;
}

static void add_more(struct buf *out, const struct fact *f, const char **at)
{
	buf_adds(out, f->more);
	++*at;
}

const char *fact_text(struct arena *a, const struct fact *f, const char *format)
{
	cleanup_buf struct buf out = BUF_TEXT;
	const char *text;

	for (; *format; format++) {
		if (*format == '%' && format[1] >= '0' && format[1] < '0' + FACT_TEXTS)
			buf_adds(&out, f->v[*++format - '0']);
		else if (*format == '%' && format[1] == '0' + FACT_TEXTS)
			add_more(&out, f, &format);
		else
			buf_addc(&out, *format);
	}
	text = arena_str(a, buf_slice(&out));
	a->failed |= out.failed;
	return text;
}
