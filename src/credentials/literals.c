/*
 * literals.c: everything that the automaton looks for, a group for each kind of hit.
 */
#include "credentials/literals.h"

static const char *const detectors[] = {
#define DETECTOR(i, p, w, lit, lead_, lead_n_, tail_, min_, max_, ent, check_, pub) lit,
#include "credentials/detectors.def"
#undef DETECTOR
};

/* Parts of the names in names.def and context.def: each of those names holds one of these. */
static const char *const stems[] = {
#define STEM(text) text,
#include "credentials/stems.def"
#undef STEM
};

static const char *const percents[] = {"%2b", "%2f", "%3d", "%26", "&amp;", "&#"};
static const char *const escapes[] = {"\\u00", "\\x"};
static const char *const continuations[] = {"\\\n", "\\\r\n"};
static const char *const joints[] = {"\"\"", "''", "\"'", "'\""};
static const char *const urls[] = {"://"};
/* A text that speaks of a cloud: what looks made by chance in it may have a name made of words. */
static const char *const clouds[] = {"azure",  "windows.net", "amazon",	      "aws",	    "google",	  "gcp",
				     "ibm",    "softlayer",   "cloudant",     "minio",	    "alibaba",	  "aliyun",
				     "yandex", "scaleway",    "backblaze",    "tencent",    "oracle",	  "openstack",
				     "huawei", "wasabi",      "digitalocean", "objectstor", "object_stor"};
/* Words of a command line behind which a secret has no name: see commands.def. */
static const char *const commands[] = {
#define COMMAND(literal, words, secret, provider) literal,
#include "credentials/commands.def"
#undef COMMAND
};

const struct literal_group literal_groups[LITERAL_GROUPS] = {
	{detectors, ARRAY_SIZE(detectors), HIT_DETECTOR},
	{stems, ARRAY_SIZE(stems), HIT_STEM},
	{percents, ARRAY_SIZE(percents), HIT_PERCENT},
	{escapes, ARRAY_SIZE(escapes), HIT_ESCAPE},
	{continuations, ARRAY_SIZE(continuations), HIT_CONTINUED},
	{joints, ARRAY_SIZE(joints), HIT_JOINED},
	{urls, ARRAY_SIZE(urls), HIT_URL},
	{commands, ARRAY_SIZE(commands), HIT_COMMAND},
	{clouds, ARRAY_SIZE(clouds), HIT_CLOUD},
};

_Static_assert(ARRAY_SIZE(detectors) + ARRAY_SIZE(stems) + ARRAY_SIZE(percents) + ARRAY_SIZE(escapes) +
			       ARRAY_SIZE(continuations) + ARRAY_SIZE(joints) + ARRAY_SIZE(urls) +
			       ARRAY_SIZE(commands) + ARRAY_SIZE(clouds) <=
		       AUTOMATON_LITERALS,
	       "more literals than room");

size_t literals_all(const char *all[AUTOMATON_LITERALS])
{
	size_t n = 0;

	for (size_t g = 0; g < LITERAL_GROUPS; g++)
		for (size_t i = 0; i < literal_groups[g].n && n < AUTOMATON_LITERALS; i++)
			all[n++] = literal_groups[g].v[i];
	return n;
}
