#include "policy/policy_key.h"

#include "kube/version.h"

#include "userfile/syntax.h"

static const char *const telemetry_words[] = {"allowed", "required", "forbidden"};
static const char *const mesh_words[] = {"any", "none", "istio", "linkerd"};
static const char *const argo_words[] = {"auto", "true", "false"};
static const char *const patch_words[] = {"chart", "visible", "never"};
static const char *const bool_words[] = {"false", "true"};

static const unsigned char from_first[] = {0, 1, 1, 1}; /* the first word leaves it open, each other one decides */
static const unsigned char patch_tightness[] = {1, 0, 2};

static bool is_version_text(struct slice s)
{
	return s.n <= 40 && version_parse(s).known;
}

static bool is_storage_kind(struct slice s)
{
	return slice_is(s, "standard") || slice_is(s, "immutable");
}

#define CHOICE(w, t)	 .words = (w), .tightness = (t), .n_words = ARRAY_SIZE(w)
#define TEXT(m, fn, say) .at = offsetof(struct policy, m), .valid = (fn), .must_be = (say)
#define TOP(k)		 .name = (k), .key = (k)
#define IN(s, k)	 .name = s "." k, .section = (s), .key = (k)

const struct policy_key policy_keys[POLICY_FIELDS] = {
	[POLICY_NAMESPACE] =
		{
			TOP("namespace"),
			TEXT(ns, is_dns_label, "a DNS label (lower case letters, digits and '-', at most 63)"),
			.unset = "the namespace that the objects agree on",
			.example = "central",
			.help = "Namespace of the installation, a one-time choice.",
		},
	[POLICY_RELEASE_NAME] =
		{
			TOP("releaseName"),
			TEXT(release_name, is_release_name,
			     "a DNS label (lower case letters, digits and '-', at most 53)"),
			.unset = "any release name",
			.example = "px-central",
			.help = "Name of the Helm release; selectors carry it, so it can never change.",
		},
	[POLICY_STORAGE_CLASS] =
		{
			TOP("storageClassName"),
			TEXT(storage_class, is_dns_subdomain,
			     "the name of a StorageClass (lower case letters, digits, '-' and '.')"),
			.unset = "the class that the claims agree on, never empty",
			.example = "px-csi-db",
			.help = "StorageClass of every claim, a one-time choice.",
		},
	[POLICY_TELEMETRY] =
		{
			TOP("telemetry"),
			CHOICE(telemetry_words, from_first),
			.example = "allowed",
			.help = "Telemetry to the vendor: allowed, required or forbidden.",
		},
	[POLICY_MESH_MODE] =
		{
			IN("serviceMesh", "mode"),
			CHOICE(mesh_words, from_first),
			.example = "any",
			.help = "The mesh of the installation: any, none, istio or linkerd.",
		},
	[POLICY_MESH_SHARED_GATEWAY] =
		{
			IN("serviceMesh", "sharedGateway"),
			CHOICE(bool_words, from_first),
			.example = "false",
			.help = "Other applications answer behind the same gateway, so the host name is mandatory: "
				"true or false.",
		},
	[POLICY_MESH_HOST_NAME] =
		{
			IN("serviceMesh", "hostName"),
			TEXT(host_name, is_host_name,
			     "one host name such as pxb.example.com (lower case; no '*', scheme, port or path)"),
			.unset = "any host, '*' included",
			.example = "pxb.example.com",
			.help = "The one host that the VirtualService names on a shared gateway.",
		},
	[POLICY_REGISTRY_HOST] =
		{
			IN("registry", "host"),
			TEXT(registry_host, is_registry_host,
			     "a host and perhaps a port, such as registry.example.com:5000 (no scheme; a path goes "
			     "into registry.repository)"),
			.unset = "any registry",
			.example = "registry.example.com:5000",
			.help = "The registry that every image comes from (air-gapped installations).",
		},
	[POLICY_REGISTRY_REPOSITORY] =
		{
			IN("registry", "repository"),
			TEXT(registry_repository, is_repository,
			     "a repository path such as 'pxb' or 'team/pxb' (lower case, no leading or trailing '/')"),
			.unset = "any repository",
			.example = "pxb",
			.help = "The path between the registry and the names of the images.",
		},
	[POLICY_REGISTRY_PULL_SECRET] =
		{
			IN("registry", "pullSecret"),
			TEXT(registry_pull_secret, is_dns_subdomain,
			     "the name of a Secret (lower case letters, digits, '-' and '.')"),
			.unset = "with or without a pull secret",
			.example = "docregistry-secret",
			.help = "The pull secret that every pod names.",
		},
	[POLICY_ARGO_CD] =
		{
			TOP("argoCD"),
			CHOICE(argo_words, from_first),
			.example = "auto",
			.help = "Whether Argo CD installs it (chart value isArgoCD): auto (as the caller shows), true "
				"or false.",
		},
	[POLICY_PATCH] =
		{
			TOP("patch"),
			CHOICE(patch_words, patch_tightness),
			.example = "chart",
			.help = "Repairs: chart (only what the chart itself would render), visible (also where hooks "
				"are hidden) or never.",
		},
	[POLICY_SECOND_OPINION] =
		{
			TOP("secondOpinion"),
			CHOICE(bool_words, from_first),
			.example = "true",
			.help = "A second YAML reader must understand every document the same way: true or false.",
		},
	[POLICY_CLUSTERS_PX_CENTRAL] =
		{
			IN("clusters", "pxCentral"),
			TEXT(clusters_px_central, is_version_text,
			     "a version such as 3.0 (in quotes if it has one dot only)"),
			.unset = "the newest release that this program knows",
			.example = "3.0",
			.help = "The px-central version that the clusters are for; it decides what the vendor "
				"requires.",
		},
	[POLICY_CLUSTERS_PX] =
		{
			IN("clusters", "px"),
			TEXT(clusters_px, is_version_text,
			     "a version such as 3.6.1 (in quotes if it has one dot only)"),
			.is_version = true,
			.unset = "the vendor's minimum",
			.example = "3.6.1",
			.help = "Portworx Enterprise on application clusters, at least.",
		},
	[POLICY_CLUSTERS_OPERATOR] =
		{
			IN("clusters", "operator"),
			TEXT(clusters_operator, is_version_text,
			     "a version such as 26.2.0 (in quotes if it has one dot only)"),
			.is_version = true,
			.unset = "the vendor's minimum",
			.example = "26.2.0",
			.help = "The Portworx Operator on application clusters, at least.",
		},
	[POLICY_CLUSTERS_STORK] =
		{
			IN("clusters", "stork"),
			TEXT(clusters_stork, is_version_text,
			     "a version such as 26.3.0 (in quotes if it has one dot only)"),
			.is_version = true,
			.unset = "the vendor's minimum",
			.example = "26.3.0",
			.help = "Stork on application clusters, at least.",
		},
	[POLICY_CLUSTERS_KUBERNETES] =
		{
			IN("clusters", "kubernetes"),
			TEXT(clusters_kubernetes, is_version_text,
			     "a version such as 1.30.0 (in quotes if it has one dot only)"),
			.is_version = true,
			.unset = "the vendor's minimum",
			.example = "1.30.0",
			.help = "Kubernetes on the backup cluster, at least.",
		},
	[POLICY_CLUSTERS_STORAGE] =
		{
			IN("clusters", "storage"),
			TEXT(clusters_storage, is_storage_kind, "standard or immutable"),
			.unset = "standard or immutable",
			.example = "standard",
			.help = "The blob storage that backups go to: standard or immutable.",
		},
};

const char *const policy_sections[] = {"serviceMesh", "registry", "clusters"};
const size_t n_policy_sections = ARRAY_SIZE(policy_sections);

/* --- values ---------------------------------------------------------------------------------------------------- */

unsigned policy_choice(const struct policy *p, enum policy_field f)
{
	switch (f) {
	case POLICY_TELEMETRY:
		return p->telemetry;
	case POLICY_MESH_MODE:
		return p->mesh_mode;
	case POLICY_MESH_SHARED_GATEWAY:
		return p->shared_gateway;
	case POLICY_ARGO_CD:
		return p->argo_cd;
	case POLICY_PATCH:
		return p->patch;
	case POLICY_SECOND_OPINION:
		return p->second_opinion;
	default:
		return 0;
	}
}

void policy_put_choice(struct policy *p, enum policy_field f, unsigned value, struct origin origin)
{
	p->origin[f] = origin;
	switch (f) {
	case POLICY_TELEMETRY:
		p->telemetry = (enum telemetry_mode)value;
		break;
	case POLICY_MESH_MODE:
		p->mesh_mode = (enum mesh_mode)value;
		break;
	case POLICY_MESH_SHARED_GATEWAY:
		p->shared_gateway = value;
		break;
	case POLICY_ARGO_CD:
		p->argo_cd = (enum argo_mode)value;
		break;
	case POLICY_PATCH:
		p->patch = (enum patch_mode)value;
		break;
	case POLICY_SECOND_OPINION:
		p->second_opinion = value;
		break;
	default:
		break;
	}
}

struct slice policy_text(const struct policy *p, enum policy_field f)
{
	return *(const struct slice *)(const void *)((const char *)p + policy_keys[f].at);
}

void policy_put_text(struct policy *p, enum policy_field f, struct slice text, struct origin origin)
{
	struct slice *to = (void *)((char *)p + policy_keys[f].at);

	*to = slice_str(arena_str(&p->arena, text)); /* NUL-terminated: it goes into commands as well */
	p->origin[f] = origin;
}

void policy_fact_choice(struct policy *p, enum policy_field f, unsigned value, struct origin origin)
{
	p->arena.failed |= !origin.line;
	if (!p->origin[f].file)
		policy_put_choice(p, f, value, origin);
}

void policy_fact_text(struct policy *p, enum policy_field f, struct slice text, struct origin origin)
{
	p->arena.failed |= !origin.line;
	if (!policy_text(p, f).n && policy_keys[f].valid(text))
		policy_put_text(p, f, text, origin);
}

const char *policy_word(const struct policy *p, enum policy_field f)
{
	return policy_keys[f].words[policy_choice(p, f)];
}

bool policy_choice_tightens(const struct policy *p, enum policy_field f, unsigned value)
{
	const unsigned char *tightness = policy_keys[f].tightness;
	unsigned old = policy_choice(p, f);

	return value == old || tightness[value] > tightness[old];
}

bool policy_text_tightens(const struct policy *p, enum policy_field f, struct slice text)
{
	struct slice old = policy_text(p, f);

	if (old.n && policy_keys[f].is_version)
		return version_compare(version_parse(text), version_parse(old)) >= 0;
	return old.n == 0 || slice_eq(old, text);
}

/* --- words ----------------------------------------------------------------------------------------------------- */

unsigned policy_key_word(const struct policy_key *k, struct slice word)
{
	unsigned i = 0;

	while (i < k->n_words && !slice_is(word, k->words[i]))
		i++;
	return i;
}

void policy_key_words(const struct policy_key *k, struct buf *out)
{
	for (unsigned i = 0; i < k->n_words; i++) {
		if (i)
			buf_adds(out, i + 1 == k->n_words ? " or " : ", ");
		buf_adds(out, k->words[i]);
	}
}

struct where origin_where(struct origin o)
{
	struct where w;

	if (!o.file)
		snprintf(w.text, sizeof(w.text), "built-in");
	else if (!o.line)
		snprintf(w.text, sizeof(w.text), "option %.200s", o.file);
	else
		snprintf(w.text, sizeof(w.text), "%.200s:%zu", o.file, o.line);
	return w;
}

const char *mesh_mode_name(enum mesh_mode m)
{
	return mesh_words[m];
}

const char *argo_mode_name(enum argo_mode m)
{
	return argo_words[m];
}
