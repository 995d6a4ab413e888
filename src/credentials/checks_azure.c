/*
 * checks_azure.c: Azure's keys and signatures.
 *
 * A key's checksum raises confidence and never lowers it below MEDIUM: a wrong one does not acquit (some generators
 * leave it out, and a scrambled key was a key).
 * Source: microsoft/security-utilities, IdentifiableMetadata.cs, IdentifiableSecrets.cs, SEC101_*.
 */
#include "base/base64.h"
#include "credentials/checks.h"
#include "credentials/marvin.h"

static const struct {
	enum detector_id detector;
	uint64_t seeds[8];
} checksums[] = {
	{DETECTOR_AZURE_STORAGE, {0x44656661756c7430}},
	{DETECTOR_AZURE_COSMOS,
	 {0x4d61737452573030, 0x4d617374524f3030, 0x537973416c6c3030, 0x5265736f75723030, 0x53797374524f3030,
	  0x456e637279703030, 0x5379737452573030}},
	{DETECTOR_AZURE_BATCH, {0x4162416363743030}},
	{DETECTOR_AZURE_ML_CLASSIC, {0x436c617373696330}},
	{DETECTOR_AZURE_APIM, {0x54656e616e743030, 0x496f544875623030, 0x4761746577793030, 0x4769744b65793030}},
	{DETECTOR_AZURE_SERVICEBUS,
	 {0x53656e6430303030, 0x4c697374656e3030, 0x4d616e6167653030, 0x53797374656d3030, 0x556e6b6e6f776e30}},
	{DETECTOR_AZURE_EVENTHUB,
	 {0x53656e6430303030, 0x4c697374656e3030, 0x4d616e6167653030, 0x53797374656d3030, 0x556e6b6e6f776e30}},
	{DETECTOR_AZURE_RELAY,
	 {0x53656e6430303030, 0x4c697374656e3030, 0x4d616e6167653030, 0x53797374656d3030, 0x556e6b6e6f776e30}},
	{DETECTOR_AZURE_IOT, {0x496f544875623030, 0x4470734b65793030, 0x4465766963653030}},
	{DETECTOR_AZURE_REDIS, {0x4163636573733030}},
	{DETECTOR_AZURE_ACR, {0x41435244666c7430}},
	{DETECTOR_AZURE_SEARCH, {0x5175657279303030, 0x5041646d696e3030}},
	{DETECTOR_AZURE_FUNCTION, {0x46756e6374693030, 0x4d61737465723030, 0x53797374656d3030}},
};

static bool checksum_holds(enum detector_id id, struct slice key)
{
	for (size_t i = 0; i < ARRAY_SIZE(checksums); i++) {
		if (checksums[i].detector != id || key.n < 8)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(checksums[i].seeds) && checksums[i].seeds[k]; k++) {
			uint32_t sum = marvin32(slice_to(key, key.n - 4), checksums[i].seeds[k]);
			const unsigned char *tail = (const unsigned char *)key.p + key.n - 4;

			if (sum == ((uint32_t)tail[0] | (uint32_t)tail[1] << 8 | (uint32_t)tail[2] << 16 |
				    (uint32_t)tail[3] << 24))
				return true;
		}
	}
	return false;
}

/* Padding of the right length, then nothing of the alphabet; it belongs to the secret. */
static bool takes_padding(struct match *m, struct slice text, size_t pads)
{
	size_t end = match_at(m, text) + m->secret.n, have = 0;

	while (end + have < text.n && text.p[end + have] == '=')
		have++;
	if (have > pads || (have < pads && have != 0))
		return false;
	m->secret.n += have;
	return end + have >= text.n || !char_in(text.p[end + have], CLASS_ALNUM);
}

static bool check_key(struct match *m, struct slice text, size_t pads)
{
	struct buf key = BUF_INIT(256);

	if (!takes_padding(m, text, pads))
		return false;
	m->confidence = CONFIDENCE_MEDIUM;
	if (base64_decode(m->secret, BASE64_ANY, &key) && checksum_holds(m->detector, buf_slice(&key))) {
		m->confidence = CONFIDENCE_HIGH;
		m->reason = "its shape and its checksum";
	}
	buf_release(&key);
	return true;
}

bool check_azure_64(struct match *m, struct slice text)
{
	return check_key(m, text, 2);
}

bool check_azure_32(struct match *m, struct slice text)
{
	return check_key(m, text, 1);
}

bool check_azure_39(struct match *m, struct slice text)
{
	return check_key(m, text, 0);
}

bool check_azure_40(struct match *m, struct slice text)
{
	return check_key(m, text, 2);
}

bool check_annotated(struct match *m, struct slice text)
{
	static const uint64_t seed = 0x44656661756c7430;
	char tail = m->secret.p[57];
	struct buf key = BUF_INIT(256);
	uint32_t sum;

	if (m->secret.n == 85 || (tail != '9' && tail != 'D' && tail != 'H'))
		return false;
	if (m->secret.n == 86 && !takes_padding(m, text, 2))
		return false;
	m->confidence = CONFIDENCE_MEDIUM;
	if (base64_decode(m->secret, BASE64_ANY, &key) && key.n >= 63) {
		sum = marvin32(slice_of(key.p, 60), seed);
		if ((unsigned char)key.p[60] == (sum & 255) && (unsigned char)key.p[61] == (sum >> 8 & 255) &&
		    (unsigned char)key.p[62] == (sum >> 16 & 255)) {
			m->confidence = CONFIDENCE_HIGH;
			m->reason = "its shape and its checksum";
		}
	}
	buf_release(&key);
	return true;
}

/* 8Q~: the last three characters are the most significant digits, base 66, of the checksum of the rest. */
static bool entra_checksum_holds(struct slice s)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
	uint32_t sum = marvin32(slice_to(s, s.n - 3), 0x4161645077643030);
	char all[6];

	for (int i = 5; i >= 0; i--) {
		all[i] = digits[sum % 66];
		sum /= 66;
	}
	return memcmp(all, s.p + s.n - 3, 3) == 0;
}

bool check_entra(struct match *m, struct slice text)
{
	(void)text;
	if (variety_of(m->secret) < 12)
		return false;
	m->confidence =
		m->detector == DETECTOR_AZURE_ENTRA_7Q || m->secret.n == 40 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	if (m->secret.n == 40 && entra_checksum_holds(m->secret)) {
		m->confidence = CONFIDENCE_HIGH;
		m->reason = "its shape and its checksum";
	}
	return true;
}

/* Other versions than 7 and 8: no checksum, a digit before the mark. */
bool check_entra_any(struct match *m, struct slice text)
{
	(void)text;
	m->confidence = CONFIDENCE_MEDIUM;
	return char_in(m->secret.p[3], CHAR_DIGIT) && m->secret.p[3] != '7' && m->secret.p[3] != '8' &&
	       is_mixed(m->secret) && variety_of(m->secret) >= 12;
}

/* 0.AX... or 1.AX... up to the marker, in one or more parts. */
bool check_refresh(struct match *m, struct slice text)
{
	size_t end = match_at(m, text) + m->secret.n, at = match_at(m, text);
	size_t from = at - run_back(text, at, CLASS_JWT, 400);
	struct slice head = slice_of(text.p + from, at - from + 1);

	for (size_t i = 0; i + 2 < head.n + 1; i++) {
		if ((head.p[i] != '0' && head.p[i] != '1') || text.p[from + i + 1] != '.' ||
		    text.p[from + i + 2] != 'A')
			continue;
		if (i && char_in(head.p[i - 1], CLASS_ALNUM))
			continue;
		m->secret = slice_of(text.p + from + i, end - from - i);
		return true;
	}
	return false;
}

/* The whole query counts, so it is searched for in both directions up to what no URL holds. */
static struct slice query_around(struct slice text, size_t at)
{
	enum { FAR = 4096 };
	size_t from = at, to = at;

	while (from && at - from < FAR && !strchr(" \t\r\n\"'<>`", text.p[from - 1]))
		from--;
	while (to < text.n && to - at < FAR && !strchr(" \t\r\n\"'<>`", text.p[to]))
		to++;
	return slice_of(text.p + from, to - from);
}

bool check_sas(struct match *m, struct slice text)
{
	static const char *const fields[] = {"sv=", "se=", "sp=", "sr=", "ss=", "srt=", "skoid="};
	size_t at = match_at(m, text), n = 0, letters = 0;
	struct slice query;
	unsigned seen = 0;

	if (at && !strchr("?&;\"' =\n", text.p[at - 1]))
		return false;
	for (at += strlen("sig=");
	     n <= 200 && at + n < text.n &&
	     (char_in(text.p[at + n], CLASS_ANY64) || text.p[at + n] == '%' || text.p[at + n] == '=');
	     n++)
		letters += text.p[at + n] != '%';
	if (n < 40 || n > 140 || letters < 40)
		return false;
	query = query_around(text, at);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		seen += slice_find(query, fields[i]) != SIZE_MAX;
	if (seen < 2 || entropy_of(slice_of(text.p + at, n)) < 350)
		return false;
	m->secret = slice_of(text.p + at, n);
	return true;
}

bool check_connection(struct match *m, struct slice text)
{
	size_t head = strlen("AccountKey=");

	m->secret = slice_from(m->secret, head);
	(void)text;
	if (slice_starts(m->secret, "Eby8vdM0")) { /* the emulator's published key */
		m->confidence = CONFIDENCE_PLACEHOLDER;
		return true;
	}
	return entropy_of(m->secret) >= 380;
}

bool check_appconfig(struct match *m, struct slice text)
{
	struct slice near = slice_from(match_around(m, text, 600), 0);
	size_t at = slice_find(near, ";Secret="), n;

	if (at == SIZE_MAX || slice_find(near, "Endpoint=") == SIZE_MAX)
		return false;
	at += strlen(";Secret=");
	n = run_forward(near, at, CLASS_BASE64, 120);
	m->secret = slice_of(near.p + at, n);
	return n >= 30 && entropy_of(m->secret) >= 350;
}
