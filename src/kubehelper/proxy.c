#include "kubehelper/proxy.h"

#include <arpa/inet.h>

/* An address as 16 bytes, IPv4 mapped. */
static bool parse_ip(struct slice s, unsigned char ip[16])
{
	char text[64];
	unsigned char four[4];

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET6, text, ip) == 1)
		return true;
	if (inet_pton(AF_INET, text, four) != 1)
		return false;
	memset(ip, 0, 10);
	ip[10] = ip[11] = 0xff;
	memcpy(ip + 12, four, 4);
	return true;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return bits % 8 == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8) == 0;
}

static bool in_network(struct slice entry, const unsigned char host[16])
{
	struct slice length, address = slice_cut(entry, '/', &length);
	unsigned char net[16];
	unsigned bits = 0;

	if (!length.p || !length.n || length.n > 3 || !parse_ip(address, net))
		return false;
	for (size_t i = 0; i < length.n; i++) {
		if (length.p[i] < '0' || length.p[i] > '9')
			return false;
		bits = bits * 10 + (unsigned)(length.p[i] - '0');
	}
	if (slice_chr(address, ':') == SIZE_MAX)
		bits += 96;
	return bits <= 128 && same_bits(net, host, bits);
}

static bool domain_matches(struct slice entry, struct slice host)
{
	bool only_below = slice_starts(entry, ".");
	struct slice name = only_below ? slice_from(entry, 1) : entry;
	size_t before = host.n - name.n;

	if (slice_starts(entry, "*."))
		return domain_matches(slice_from(entry, 1), host);
	if (!name.n || host.n < name.n || !slice_eq_nocase(slice_from(host, before), name))
		return false;
	return before == 0 ? !only_below : host.p[before - 1] == '.';
}

static bool entry_matches(struct slice entry, struct slice host, struct slice port)
{
	unsigned char ip[16], other[16];
	struct slice entry_port = {0};
	size_t colon = slice_rchr(entry, ':');

	if (slice_is(entry, "*"))
		return true;
	if (parse_ip(host, ip) && in_network(entry, ip))
		return true;
	if (!parse_ip(entry, other) && colon != SIZE_MAX) {
		entry_port = slice_from(entry, colon + 1);
		entry = slice_to(entry, colon);
		if (slice_starts(entry, "[") && slice_ends(entry, "]"))
			entry = slice_of(entry.p + 1, entry.n - 2);
	}
	if (entry_port.n && !slice_eq(entry_port, port))
		return false;
	if (parse_ip(entry, other))
		return parse_ip(host, ip) && memcmp(ip, other, 16) == 0;
	return !parse_ip(host, ip) && domain_matches(entry, host);
}

bool no_proxy_matches(struct slice list, struct slice host, struct slice port)
{
	while (list.p && list.n) {
		struct slice entry = slice_trim(slice_cut(list, ',', &list));

		if (entry.n && entry_matches(entry, host, port))
			return true;
	}
	return false;
}

static bool is_local(struct slice host)
{
	unsigned char ip[16];
	static const unsigned char six[16] = {[15] = 1};

	if (slice_is(host, "localhost"))
		return true;
	if (!parse_ip(host, ip))
		return false;
	return memcmp(ip, six, 16) == 0 || (ip[10] == 0xff && ip[11] == 0xff && ip[12] == 127);
}

static const char *variable(const char *upper, const char *lower)
{
	const char *value = getenv(upper);

	if (!value || !*value)
		value = getenv(lower);
	return value ? value : "";
}

const char *proxy_for(const char *own, const char *server)
{
	struct slice s = slice_str(server), host, port = SLICE_EMPTY;
	size_t scheme = slice_find(s, "://"), colon;

	if (own)
		return own;
	host = slice_cut(slice_from(s, scheme == SIZE_MAX ? 0 : scheme + 3), '/', &(struct slice){0});
	colon = slice_rchr(host, ':');
	if (colon != SIZE_MAX && slice_chr(slice_from(host, colon), ']') == SIZE_MAX) {
		port = slice_from(host, colon + 1);
		host = slice_to(host, colon);
	}
	if (slice_starts(host, "[") && slice_ends(host, "]"))
		host = slice_of(host.p + 1, host.n - 2);
	if (!port.n)
		port = slice_starts(s, "http://") ? SLICE("80") : SLICE("443");
	if (is_local(host) || no_proxy_matches(slice_str(variable("NO_PROXY", "no_proxy")), host, port))
		return "";
	return slice_starts(s, "http://") ? variable("HTTP_PROXY", "http_proxy")
					  : variable("HTTPS_PROXY", "https_proxy");
}
