#include "credentials/detect.h"

#define AWS_REMEDY   "Use IRSA: annotate the ServiceAccount with eks.amazonaws.com/role-arn."
#define AZURE_REMEDY "Use Azure Workload Identity: annotate the ServiceAccount with azure.workload.identity/client-id."
#define GCP_REMEDY   "Use Workload Identity Federation: annotate the ServiceAccount with iam.gke.io/gcp-service-account."
#define IBM_REMEDY   "Use a trusted profile with container authentication."
#define OCI_REMEDY   "Use OKE workload identity or an instance principal."
#define OTHER_REMEDY "Keep it on the application cluster, not in this release: Federated mode stores no cloud credential centrally."

/* --- names (facts: names whose literal value is a credential) --------------------------------------------------------- */

static const struct named {
	const char *name; /* lower case, without _ - . */
	const char *provider, *remedy;
} names[] = {
	{"awsaccesskeyid", "AWS", AWS_REMEDY},
	{"awsaccesskey", "AWS", AWS_REMEDY},
	{"awssecretaccesskey", "AWS", AWS_REMEDY},
	{"awssecretkey", "AWS", AWS_REMEDY},
	{"awssessiontoken", "AWS", AWS_REMEDY},
	{"awssecuritytoken", "AWS", AWS_REMEDY},
	{"awsbearertokenbedrock", "AWS", AWS_REMEDY},
	{"accesskeyid", "AWS", AWS_REMEDY},
	{"secretaccesskey", "AWS", AWS_REMEDY},
	{"azureclientsecret", "Azure", AZURE_REMEDY},
	{"azureclientcertificatepassword", "Azure", AZURE_REMEDY},
	{"azurepassword", "Azure", AZURE_REMEDY},
	{"azurestoragekey", "Azure", AZURE_REMEDY},
	{"azurestorageaccountkey", "Azure", AZURE_REMEDY},
	{"azurestorageaccountaccesskey", "Azure", AZURE_REMEDY},
	{"azurestorageconnectionstring", "Azure", AZURE_REMEDY},
	{"azurestoragesastoken", "Azure", AZURE_REMEDY},
	{"azureaccountkey", "Azure", AZURE_REMEDY},
	{"azureaccountsas", "Azure", AZURE_REMEDY},
	{"armclientsecret", "Azure", AZURE_REMEDY},
	{"armaccesskey", "Azure", AZURE_REMEDY},
	{"armsastoken", "Azure", AZURE_REMEDY},
	{"aadserviceprincipalclientsecret", "Azure", AZURE_REMEDY},
	{"storageaccountkey", "Azure", AZURE_REMEDY},
	{"aadclientsecret", "Azure", AZURE_REMEDY},
	{"googlecredentials", "Google Cloud", GCP_REMEDY},
	{"googlecloudkeyfilejson", "Google Cloud", GCP_REMEDY},
	{"googleapplicationcredentialsjson", "Google Cloud", GCP_REMEDY},
	{"googleaccesstoken", "Google Cloud", GCP_REMEDY},
	{"googleoauthaccesstoken", "Google Cloud", GCP_REMEDY},
	{"serviceaccountcredentials", "Google Cloud", GCP_REMEDY},
	{"gsaccesskeyid", "Google Cloud", GCP_REMEDY},
	{"gssecretaccesskey", "Google Cloud", GCP_REMEDY},
	{"ibmcloudapikey", "IBM Cloud", IBM_REMEDY},
	{"icapikey", "IBM Cloud", IBM_REMEDY},
	{"ibmapikey", "IBM Cloud", IBM_REMEDY},
	{"iaasclassicapikey", "IBM Cloud", IBM_REMEDY},
	{"ociclikeycontent", "Oracle Cloud", OCI_REMEDY},
	{"digitaloceantoken", "DigitalOcean", OTHER_REMEDY},
	{"digitaloceanaccesstoken", "DigitalOcean", OTHER_REMEDY},
	{"spacesaccesskeyid", "DigitalOcean", OTHER_REMEDY},
	{"spacessecretaccesskey", "DigitalOcean", OTHER_REMEDY},
	{"alibabacloudaccesskeysecret", "Alibaba Cloud", OTHER_REMEDY},
	{"alicloudaccesskey", "Alibaba Cloud", OTHER_REMEDY},
	{"alicloudsecretkey", "Alibaba Cloud", OTHER_REMEDY},
	{"b2accountkey", "Backblaze", OTHER_REMEDY},
	{"b2applicationkey", "Backblaze", OTHER_REMEDY},
	{"osapplicationcredentialsecret", "OpenStack", OTHER_REMEDY},
	{"scwsecretkey", "Scaleway", OTHER_REMEDY},
	{"tencentcloudsecretkey", "Tencent Cloud", OTHER_REMEDY},
	{"miniorootpassword", "MinIO", OTHER_REMEDY},
	{"miniosecretkey", "MinIO", OTHER_REMEDY},
	{"s3secretkey", "S3", OTHER_REMEDY},
};

bool credential_name(struct slice name, struct detection *d)
{
	char folded[40];
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '_' || c == '-' || c == '.')
			continue;
		if (n >= sizeof(folded))
			return false;
		folded[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (slice_eq(slice_of(folded, n), slice_str(names[i].name))) {
			*d = (struct detection){names[i].provider, "a literal under a credential's name", names[i].remedy};
			return true;
		}
	}
	return false;
}

/* --- shapes --------------------------------------------------------------------------------------------------------------- */

static bool is_word(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_base32(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

/* AKIA or ASIA and 16 base32 digits, with no word character on either side. */
static bool has_aws_key_id(struct slice v)
{
	for (size_t i = 0; v.n >= 20 && i <= v.n - 20; i++) {
		const char *hit = memchr(v.p + i, 'A', v.n - 19 - i);
		size_t at, digits = 4, distinct = 0;
		bool seen[128] = {false};

		if (!hit)
			return false;
		i = at = (size_t)(hit - v.p);
		if (memcmp(v.p + at, "AKIA", 4) != 0 && memcmp(v.p + at, "ASIA", 4) != 0)
			continue;
		if (at && (is_word(v.p[at - 1]) || v.p[at - 1] == '+' || v.p[at - 1] == '/'))
			continue;
		while (digits < 20 && is_base32(v.p[at + digits])) {
			distinct += !seen[(unsigned char)v.p[at + digits]];
			seen[(unsigned char)v.p[at + digits]] = true;
			digits++;
		}
		if (digits == 20 && distinct > 3 && (at + 20 == v.n || !is_word(v.p[at + 20])))
			return true;
	}
	return false;
}

static bool has_account_key(struct slice v)
{
	size_t at = slice_find(v, "AccountKey="), n = 0;

	if (at == SIZE_MAX)
		return false;
	v = slice_from(v, at + strlen("AccountKey="));
	while (n < v.n && (is_word(v.p[n]) || v.p[n] == '+' || v.p[n] == '/' || v.p[n] == '='))
		n++;
	return n >= 40;
}

static bool has_service_account(struct slice v)
{
	return slice_find(v, "service_account") != SIZE_MAX && slice_find(v, "private_key") != SIZE_MAX &&
	       slice_find(v, "PRIVATE KEY-----") != SIZE_MAX;
}

bool credential_in_value(struct slice value, struct detection *d)
{
	if (has_aws_key_id(value))
		*d = (struct detection){"AWS", "an access key id", AWS_REMEDY};
	else if (has_account_key(value))
		*d = (struct detection){"Azure", "a storage account key in a connection string", AZURE_REMEDY};
	else if (has_service_account(value))
		*d = (struct detection){"Google Cloud", "a service account's private key", GCP_REMEDY};
	else
		return false;
	return true;
}

bool credential_is_literal(struct slice value)
{
	static const char *const placeholders[] = {"changeme", "example", "placeholder", "redacted", "null", "none", "todo", "xxx"};

	value = slice_trim(value);
	if (value.n < 3)
		return false;
	/* $X, ${X}, $(X), {{ .x }}, <your-key>, *** */
	if (value.p[0] == '$' || value.p[0] == '<' || value.p[0] == '*' || slice_starts(value, "{{"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (slice_eq_nocase(value, slice_str(placeholders[i])))
			return false;
	return slice_find(value, "PLACEHOLDER") == SIZE_MAX;
}
