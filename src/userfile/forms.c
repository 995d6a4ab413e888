#include "userfile/forms.h"

#include "userfile/syntax.h"

bool form_is_printable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

const char *form_url_fault(struct slice s)
{
	size_t lead = slice_starts(s, "https://") ? 8 : slice_starts(s, "http://") ? 7 : 0;
	struct slice rest, authority = slice_cut(slice_from(s, lead), '/', &rest);

	if (!lead)
		return "must begin with http:// or https://";
	if (!form_is_printable(s))
		return "must be one URL without blanks";
	if (slice_chr(authority, '@') != SIZE_MAX)
		return "must not contain a user name or password: the chart would store it in clear text";
	return is_registry_host(authority) ? NULL : "must name a host, for example http://proxy.example.com:8080";
}

const char *form_hosts_fault(struct slice s)
{
	struct slice rest = s;

	while (rest.p) {
		struct slice host = slice_cut(rest, ',', &rest);

		if (!host.n)
			return "has an empty entry between two commas or at an end";
		if (!form_is_printable(host))
			return "must not contain blanks: the entries are separated by commas alone";
		if (slice_chr(host, '@') != SIZE_MAX || slice_find(host, "://") != SIZE_MAX)
			return "must list hosts, addresses and domains, not URLs";
	}
	return NULL;
}

const char *form_registry_fault(struct slice s)
{
	if (slice_find(s, "://") != SIZE_MAX)
		return "must be a host without a scheme: write registry.example.com:5000, not https://...";
	if (slice_chr(s, '/') != SIZE_MAX)
		return "must be a host without a path; the path is registry.repository";
	if (!is_registry_host(s))
		return "must be a host in lower case, with a port if there is one";
	/* Every container runtime takes another first part for a path of docker.io. */
	if (slice_chr(s, '.') == SIZE_MAX && slice_chr(s, ':') == SIZE_MAX && !slice_is(s, "localhost"))
		return "must have a dot or a port: without one it is taken for a path of docker.io";
	return NULL;
}

const char *form_name_fault(struct slice s)
{
	if (s.n > 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		return "is a placeholder of the vendor's page; write the name";
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return "must be lower case: names in Kubernetes have no capitals";
	return is_dns_subdomain(s) ? NULL : "must be a name in Kubernetes: lower case letters, digits, '-' and '.'";
}

const char *form_repository_fault(struct slice s)
{
	return is_repository(s) ? NULL : "must be a path such as pxb or team/pxb, without '/' at its ends";
}

const char *form_host_fault(struct slice s)
{
	return is_host_name(s) ? NULL : "must be one host name without scheme, port or '*'";
}
