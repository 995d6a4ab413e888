#include "userfile/syntax.h"

#include "base/ascii.h"
static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static bool is_label(struct slice s, size_t longest)
{
	if (s.n == 0 || s.n > longest || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]) && !is_lower(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool are_labels(struct slice s, size_t longest_label)
{
	struct slice rest = s;

	if (s.n > 253)
		return false;
	while (rest.p)
		if (!is_label(slice_cut(rest, '.', &rest), longest_label))
			return false;
	return true;
}

bool is_dns_label(struct slice s)
{
	return is_label(s, 63);
}

bool is_release_name(struct slice s)
{
	return is_label(s, 53);
}

bool is_dns_subdomain(struct slice s)
{
	return are_labels(s, 253);
}

bool is_host_name(struct slice s)
{
	return are_labels(s, 63);
}

/* --- image references ------------------------------------------------------------------------------------------ */

static bool is_port(struct slice s)
{
	unsigned v = 0;

	if (s.n == 0 || s.n > 5 || s.p[0] == '0')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]))
			return false;
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	return v <= 65535;
}

/* Docker's grammar lets a registry's host have capital letters. */
static bool is_registry_domain(struct slice s)
{
	char lower[256];

	if (s.n >= sizeof(lower))
		return false;
	for (size_t i = 0; i < s.n; i++)
		lower[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	return are_labels(slice_of(lower, s.n), 63);
}

static bool is_ipv6(struct slice s)
{
	size_t colons = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = (char)(s.p[i] | 0x20);

		if (s.p[i] == ':')
			colons++;
		else if (!ascii_is_digit(s.p[i]) && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return colons >= 2 && s.n <= 39;
}

bool is_registry_host(struct slice s)
{
	struct slice host, port;

	if (slice_starts(s, "[")) {
		host = slice_cut(slice_from(s, 1), ']', &port);
		if (!port.p || !is_ipv6(host))
			return false;
		return port.n == 0 || (port.p[0] == ':' && is_port(slice_from(port, 1)));
	}
	host = slice_cut(s, ':', &port);
	return is_registry_domain(host) && (!port.p || is_port(port));
}

bool is_repository(struct slice s)
{
	struct slice rest = s;

	while (rest.p) {
		struct slice part = slice_cut(rest, '/', &rest);

		if (part.n == 0 || !ascii_is_alnum(part.p[0]) || !ascii_is_alnum(part.p[part.n - 1]))
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (!ascii_is_digit(part.p[i]) && !is_lower(part.p[i]) && part.p[i] != '-' &&
			    part.p[i] != '_' && part.p[i] != '.')
				return false;
	}
	return s.n <= 255;
}

/* --- exceptions ------------------------------------------------------------------------------------------------ */

bool is_date(struct slice s)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned part[3] = {0};
	unsigned last;

	if (s.n != 10)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (i == 4 || i == 7) {
			if (s.p[i] != '-')
				return false;
			continue;
		}
		if (!ascii_is_digit(s.p[i]))
			return false;
		part[(i > 4) + (i > 7)] = part[(i > 4) + (i > 7)] * 10 + (unsigned)(s.p[i] - '0');
	}
	if (part[0] == 0 || part[1] < 1 || part[1] > 12)
		return false;
	last = days[part[1] - 1];
	if (part[1] == 2 && part[0] % 4 == 0 && (part[0] % 100 != 0 || part[0] % 400 == 0))
		last = 29;
	return part[2] >= 1 && part[2] <= last;
}

static bool is_kind(struct slice s)
{
	if (s.n == 0 || !(s.p[0] >= 'A' && s.p[0] <= 'Z'))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]))
			return false;
	return true;
}

/* Names of RBAC objects may hold ':' and capital letters. */
static bool is_object_name(struct slice s)
{
	for (size_t i = 0; s.p && i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && !(s.p[i] && strchr("-._:", s.p[i])))
			return false;
	return s.p && s.n > 0;
}

bool is_object_ref(struct slice s, struct slice *kind, struct slice *name)
{
	*kind = slice_cut(s, '/', name);
	return name->p && is_kind(*kind) && is_object_name(*name);
}

bool is_full_object_ref(struct slice s, struct object_ref *ref)
{
	struct slice first, rest, name;

	*ref = (struct object_ref){.group = SLICE_EMPTY, .ns = SLICE_EMPTY};
	first = slice_cut(s, '/', &rest);
	ref->kind = slice_cut(first, '.', &name);
	if (name.p) {
		ref->group = name;
		if (!is_dns_subdomain(name))
			return false;
	}
	ref->name = rest;
	first = rest.p ? slice_cut(rest, '/', &name) : SLICE_EMPTY;
	if (rest.p && name.p) {
		ref->ns = first;
		ref->name = name;
		if (!is_dns_label(first))
			return false;
	}
	return is_kind(ref->kind) && is_object_name(ref->name);
}

static size_t key_end(struct slice s, size_t at)
{
	while (at < s.n && (ascii_is_alnum(s.p[at]) || s.p[at] == '-' || s.p[at] == '_' || s.p[at] == '/'))
		at++;
	return at;
}

/* From behind '[' to behind ']', or SIZE_MAX. */
static size_t bracket_end(struct slice s, size_t at)
{
	size_t from = at;

	if (at < s.n && s.p[at] == '"') {
		for (at++; at < s.n && s.p[at] != '"'; at++)
			if (s.p[at] == '\\')
				at++;
		at++;
	} else {
		at = key_end(s, at);
	}
	return at < s.n && s.p[at] == ']' && at > from ? at + 1 : SIZE_MAX;
}

bool is_node_path(struct slice s)
{
	size_t at = 0;

	while (at < s.n) {
		size_t from;

		if (s.p[at] == '[') {
			at = bracket_end(s, at + 1);
			if (at == SIZE_MAX)
				return false;
			continue;
		}
		if (at > 0 && s.p[at++] != '.')
			return false;
		from = at;
		at = key_end(s, at);
		if (at == from)
			return false;
	}
	return s.n > 0;
}
