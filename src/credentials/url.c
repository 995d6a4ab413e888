/*
 * url.c: user information in URLs that leads into a cloud: s3://KEY:SECRET@host, restic's s3:https://, Cloudant, the
 * aliases of MinIO's client. Passwords in other URLs are for the rule plain-secret.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

enum { USER_FAR = 1024 };

static const struct {
	const char *word;
	enum provider_id provider;
} schemes[] = {{"s3", PROVIDER_S3},	  {"s3a", PROVIDER_S3},	      {"s3n", PROVIDER_S3},
	       {"s3s", PROVIDER_S3},	  {"gs", PROVIDER_GCP},	      {"gcs", PROVIDER_GCP},
	       {"minio", PROVIDER_MINIO}, {"b2", PROVIDER_BACKBLAZE}, {"abfs", PROVIDER_AZURE},
	       {"abfss", PROVIDER_AZURE}, {"wasb", PROVIDER_AZURE},   {"wasbs", PROVIDER_AZURE},
	       {"oss", PROVIDER_ALIBABA}, {"cos", PROVIDER_TENCENT},  {"swift", PROVIDER_OPENSTACK},
	       {"azure", PROVIDER_AZURE}},
  hosts[] = {{".amazonaws.com", PROVIDER_AWS},
	     {".cloudant.com", PROVIDER_IBM},
	     {".cloudantnosqldb.appdomain.cloud", PROVIDER_IBM},
	     {".cloud-object-storage.appdomain.cloud", PROVIDER_IBM},
	     {".softlayer.net", PROVIDER_IBM},
	     {".core.windows.net", PROVIDER_AZURE},
	     {".servicebus.windows.net", PROVIDER_AZURE},
	     {"storage.googleapis.com", PROVIDER_GCP},
	     {".digitaloceanspaces.com", PROVIDER_DIGITALOCEAN},
	     {".aliyuncs.com", PROVIDER_ALIBABA},
	     {".yandexcloud.net", PROVIDER_YANDEX},
	     {".wasabisys.com", PROVIDER_S3},
	     {".backblazeb2.com", PROVIDER_BACKBLAZE},
	     {".r2.cloudflarestorage.com", PROVIDER_S3},
	     {".scw.cloud", PROVIDER_SCALEWAY},
	     {".myqcloud.com", PROVIDER_TENCENT}};

static enum provider_id provider_of_host(struct slice host)
{
	host = slice_to(host, slice_chr(host, ':'));
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (slice_ends(host, hosts[i].word))
			return hosts[i].provider;
	if (slice_starts(host, "minio") || slice_find(host, ".minio.") != SIZE_MAX ||
	    slice_find(host, "-minio.") != SIZE_MAX)
		return PROVIDER_MINIO;
	return slice_starts(host, "s3.") ? PROVIDER_S3 : PROVIDER_NONE;
}

static enum provider_id provider_of_scheme(struct slice t, size_t colon, struct slice name)
{
	size_t n = run_back(t, colon, CLASS_LOWER, 12);
	struct slice scheme = slice_of(t.p + colon - n, n);

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (slice_is(scheme, schemes[i].word))
			return schemes[i].provider;
	if (slice_ends(slice_to(t, colon - n), "s3:"))
		return PROVIDER_S3;
	return slice_starts(name, "MC_HOST_") || slice_ends(slice_to(slice_to(t, colon - n), 400), "MC_HOST_")
		       ? PROVIDER_MINIO
		       : PROVIDER_NONE;
}

static void judge(struct scan *s, const struct site *at, enum provider_id provider, struct slice secret)
{
	struct credential_name row = {"", provider, NAME_SECRET, 0, ASKS_NOTHING};
	struct buf plain = BUF_INIT(USER_FAR * 2);
	struct slice v = step_percent(secret, &plain) == STEP_OK ? buf_slice(&plain) : secret;

	if (literal_judge(v, &row) == LITERAL_VALUE)
		hit_add(s, at,
			&(struct hit_say){.class = HIT_VALUE,
					  .provider = provider,
					  .confidence = CONFIDENCE_MEDIUM,
					  .what = "a secret in a URL",
					  .reason = "its place before the host",
					  .secret = v});
	buf_release(&plain);
}

/* What is before the last @ of the URL's first part; a secret of S3 may have a slash in it. */
static size_t user_end(struct slice t, size_t from)
{
	size_t end = SIZE_MAX;

	for (size_t i = from; i < t.n && i - from < USER_FAR && !strchr(" \t\r\n\"'`<>|\\,", t.p[i]); i++) {
		if (t.p[i] == '@')
			end = i;
		if (t.p[i] == '/' && end != SIZE_MAX)
			break;
	}
	return end;
}

/* A key of SoftLayer's is the last part of its API's path. */
static void softlayer(struct scan *s, const struct site *at, struct slice t, size_t from)
{
	static const char *const heads[] = {"api.softlayer.com/soap/v3/", "api.softlayer.com/soap/v3.1/",
					    "api.softlayer.com/rest/v3/", "api.softlayer.com/rest/v3.1/"};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		size_t key = from + strlen(heads[i]);

		if (slice_starts(slice_from(t, from), heads[i]) && run_forward(t, key, CLASS_LOWER, 65) == 64)
			judge(s, at, PROVIDER_IBM, slice_of(t.p + key, 64));
	}
}

void scan_urls(struct scan *s, const struct site *at, struct slice name, struct slice text)
{
	size_t walked = 0;

	for (size_t from = 0;;) {
		size_t colon = slice_find(slice_from(text, from), "://"), end, n;
		struct slice user, secret, host;
		enum provider_id provider;

		if (colon == SIZE_MAX)
			return;
		colon += from;
		from = colon + 3;
		softlayer(s, at, text, from);
		if (from < walked)
			continue; /* inside another one's user */
		end = user_end(text, from);
		if (end == SIZE_MAX)
			continue;
		walked = end;
		user = slice_cut(slice_of(text.p + from, end - from), ':', &secret);
		for (n = 0; end + 1 + n < text.n && char_in(text.p[end + 1 + n], CHAR_NAME); n++)
			;
		host = slice_of(text.p + end + 1, n);
		provider = provider_of_host(host);
		if (provider == PROVIDER_NONE)
			provider = provider_of_scheme(text, colon, name);
		if (provider != PROVIDER_NONE && user.n && secret.p && secret.n)
			judge(s, at, provider, secret);
	}
}
