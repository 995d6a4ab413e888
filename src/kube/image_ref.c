#include "kube/image_ref.h"

#include "base/ascii.h"
static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* [a-z0-9]+ separated by one '.', one or two '_', or any number of '-' */
static bool is_component(struct slice s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t from = i;

		while (i < s.n && (ascii_is_digit(s.p[i]) || is_lower(s.p[i])))
			i++;
		if (i == from)
			return false;
		if (i == s.n)
			return true;
		from = i;
		while (i < s.n && s.p[i] == s.p[from])
			i++;
		if (s.p[from] != '-' && !(s.p[from] == '.' && i - from == 1) && !(s.p[from] == '_' && i - from <= 2))
			return false;
	}
	return false;
}

static bool is_path(struct slice s)
{
	struct slice rest = s;

	while (rest.p)
		if (!is_component(slice_cut(rest, '/', &rest)))
			return false;
	return s.n > 0 && s.n <= 255;
}

static bool is_port(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n <= 5;
}

static bool is_host(struct slice s)
{
	struct slice rest = s;

	while (rest.p) {
		struct slice label = slice_cut(rest, '.', &rest);

		if (!label.n || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-')
				return false;
	}
	return s.n > 0;
}

static bool is_ipv6(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ':' && !ascii_is_digit(s.p[i]) && !((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'f'))
			return false;
	return s.n >= 2;
}

static bool is_registry(struct slice s)
{
	struct slice host, port;

	if (slice_starts(s, "[")) {
		host = slice_cut(slice_from(s, 1), ']', &port);
		return port.p && is_ipv6(host) && (port.n == 0 || (port.p[0] == ':' && is_port(slice_from(port, 1))));
	}
	host = slice_cut(s, ':', &port);
	return is_host(host) && (!port.p || is_port(port));
}

static bool is_tag(struct slice s)
{
	if (s.n == 0 || s.n > 128 || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-')
			return false;
	return true;
}

/* "sha256:" and at least 32 hex digits */
static bool is_digest(struct slice s)
{
	struct slice hex, name = slice_cut(s, ':', &hex);

	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum(name.p[i]) && !(name.p[i] && strchr("+._-", name.p[i])))
			return false;
	for (size_t i = 0; i < hex.n; i++)
		if (!ascii_is_digit(hex.p[i]) && !((hex.p[i] | 0x20) >= 'a' && (hex.p[i] | 0x20) <= 'f'))
			return false;
	return name.n > 0 && hex.n >= 32;
}

/* The first part is a registry if it cannot be a folder of Docker Hub. */
static bool names_registry(struct slice first)
{
	if (slice_is(first, "localhost") || slice_starts(first, "["))
		return true;
	for (size_t i = 0; i < first.n; i++)
		if (first.p[i] == '.' || first.p[i] == ':' || (first.p[i] >= 'A' && first.p[i] <= 'Z'))
			return true;
	return false;
}

bool image_ref_parse(struct slice text, struct image_ref *out)
{
	struct slice rest, name = slice_cut(text, '@', &rest), first;
	size_t slash, colon;

	*out = (struct image_ref){.digest = rest};
	if (rest.p && !is_digest(rest))
		return false;
	slash = slice_rchr(name, '/');
	colon = slice_rchr(name, ':');
	if (colon != SIZE_MAX && (slash == SIZE_MAX || colon > slash)) {
		out->tag = slice_from(name, colon + 1);
		name = slice_to(name, colon);
		if (!is_tag(out->tag))
			return false;
	}
	first = slice_cut(name, '/', &rest);
	if (rest.p && names_registry(first)) {
		out->registry = first;
		name = rest;
		if (!is_registry(first))
			return false;
	}
	out->path = name;
	return is_path(name);
}

bool image_ref_is_from(const struct image_ref *r, struct slice registry, struct slice repository)
{
	if (!slice_eq_nocase(r->registry, registry))
		return false;
	return !repository.n ||
	       (r->path.n > repository.n + 1 && slice_eq(slice_to(r->path, repository.n), repository) &&
		r->path.p[repository.n] == '/');
}
