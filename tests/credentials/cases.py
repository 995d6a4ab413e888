"""What is put into manifests: (provider, what, entries, secrets, expected).

entries are (name, value) pairs that stand in one object or one file; secrets are the parts of them that nobody may print;
expected is "error", "note" or "quiet" of the rules about cloud credentials.
"""
from makers import ALNUM, B32, B64, DIGITS, HEX, LOWER, UPPER, URL64


class Case:
    def __init__(self, provider, what, entries, secrets, expected, neutral):
        self.provider, self.what, self.entries, self.secrets = provider, what, entries, secrets
        self.expected, self.neutral = expected, neutral  # neutral: the value tells by itself


def shaped(m):
    """Values that show by themselves what they are, under a name that says nothing."""
    sa, sa_key = m.service_account()
    sa_flat, sa_flat_key = m.service_account(indent=None)
    user, user_token = m.authorized_user()
    oci, oci_key = m.pem("RSA PRIVATE KEY")
    storage = m.azure_storage()
    servicebus = m.azure_servicebus()
    old = m.azure_storage_old()
    signature, sas = m.run(HEX, 64), m.sas()
    rows = [
        ("AWS", "key id", m.aws_id(), None),
        ("AWS", "temporary key id", m.aws_id("AS"), None),
        ("AWS", "session token", m.aws_session(), ...),
        ("AWS", "Bedrock key", m.bedrock(), ...),
        ("AWS", "AppSync key", "da" + "2-" + m.run(LOWER + DIGITS, 26), ...),
        ("AWS", "MWS token", "amzn." + "mws." + m.uuid(), ...),
        ("AWS", "presigned URL", "https://b.s3.amazonaws.com/o?X-Amz-Credential=%s%%2F20260101%%2Fus-east-1%%2Fs3%%2Faws4_request&X-Amz-" % m.aws_id()
         + "Signature=" + signature, signature),
        ("Azure", "storage key", storage, ...),
        ("Azure", "Cosmos key", m.azure_cosmos(), ...),
        ("Azure", "Service Bus key", servicebus, ...),
        ("Azure", "Redis key", m.azure_redis(), ...),
        ("Azure", "ACR password", m.azure_acr(), ...),
        ("Azure", "annotated key", m.azure_annotated(m.rng.choice(["AZ" + "AC", "AC" + "OG", "AZ" + "DO"])), ...),
        ("Azure", "Entra secret 7Q", m.entra_7q(), ...),
        ("Azure", "Entra secret 8Q", m.entra_8q(), ...),
        ("Azure", "SAS", "https://a.blob.core.windows.net/c?" + sas, sas.split("g=")[-1]),
        ("Azure", "connection string", "DefaultEndpointsProtocol=https;AccountName=demo;Account" + "Key=" + old + ";EndpointSuffix=core.windows.net", old),
        ("Azure", "Service Bus string", "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=r;SharedAccess" + "Key=" + servicebus, servicebus),
        ("Azure", "access token", m.jwt("https://sts.windows.net/%s/" % m.uuid()), ...),
        ("Google Cloud", "service account", sa, sa_key),
        ("Google Cloud", "service account, one line", sa_flat, sa_flat_key),
        ("Google Cloud", "user credentials", user, user_token),
        ("Google Cloud", "API key", "AI" + "za" + m.run(URL64, 34) + m.rng.choice(ALNUM), ...),
        ("Google Cloud", "OAuth secret", "GOC" + "SPX-" + m.run(URL64, 28), ...),
        ("Google Cloud", "OAuth token", "ya" + "29." + m.run(URL64, 120), ...),
        ("Google Cloud", "HMAC id", "GO" + "OG1E" + m.run(UPPER + DIGITS, 55), None),
        ("Google Cloud", "HMAC id of a user", "GO" + "OG" + m.run(UPPER + DIGITS, 20), None),
        ("IBM Cloud", "Cloudant key", "apikey-" + "v2-" + m.run(LOWER + DIGITS, 32), ...),
        ("Oracle Cloud", "API key", "[DEFAULT]\nuser=ocid1." + "user.oc1..aaaa" + m.run(LOWER + DIGITS, 40) + "\n" + oci, oci_key),
        ("DigitalOcean", "token", "dop" + "_v1_" + m.run(HEX, 64), ...),
        ("DigitalOcean", "Spaces id", "DO" + "00" + m.run(UPPER + DIGITS, 16), None),
        ("Alibaba Cloud", "key id", "LT" + "AI" + "5t" + m.run(ALNUM, 18), None),
        ("Yandex Cloud", "API key", "AQ" + "VN" + m.run(URL64, 36), ...),
        ("Tencent Cloud", "key id", "AK" + "ID" + m.run(ALNUM, 32), None),
        ("Volcengine", "key id", "AK" + "LT" + m.run(ALNUM, 43), None),
        ("Backblaze B2", "application key", "K0" + "05" + m.run(ALNUM, 27), ...),
    ]
    for provider, what, value, secret in rows:
        secrets = [] if secret is None else [value if secret is ... else secret]
        yield Case(provider, what, [(m.rng.choice(["payload", "note", "setting", "blob", "x"]), value)], secrets, "error", True)


def named(m):
    """Values without a signature under a credential's name."""
    word = lambda n=16: m.run(ALNUM, n)
    pairs = [
        ("AWS", "AWS_SECRET_ACCESS_KEY", m.aws_secret()), ("AWS", "aws_secret_access_key", m.aws_secret()), ("AWS", "AWS_SECRET_KEY", word(20)),
        ("AWS", "AWS_SESSION_TOKEN", m.run(B64, 300)), ("AWS", "secretAccessKey", m.aws_secret()), ("AWS", "VELERO_AWS_SECRET_ACCESS_KEY", m.aws_secret()),
        ("Azure", "AZURE_CLIENT_SECRET", m.run(ALNUM + "@?:", 32)), ("Azure", "AZURE_STORAGE_ACCOUNT_KEY", m.azure_storage_old()),
        ("Azure", "ARM_CLIENT_SECRET", word(34)), ("Azure", "azurestorageaccountkey", m.azure_storage_old()), ("Azure", "storageAccountKey", m.azure_storage_old()),
        ("Azure", "AZURE_STORAGE_SAS_TOKEN", m.sas().split("g=")[-1]), ("Azure", "aadClientSecret", word(32)),
        ("Google Cloud", "GS_SECRET_ACCESS_KEY", m.aws_secret()), ("Google Cloud", "GOOGLE_OAUTH_ACCESS_TOKEN", word(40)),
        ("IBM Cloud", "IBMCLOUD_API_KEY", m.run(URL64, 44)), ("IBM Cloud", "IC_API_KEY", m.run(URL64, 44)), ("IBM Cloud", "ibm_api_key", m.run(URL64, 44)),
        ("DigitalOcean", "SPACES_SECRET_ACCESS_KEY", m.run(B64, 43)), ("DigitalOcean", "DIGITALOCEAN_ACCESS_TOKEN", m.run(HEX, 64)),
        ("Alibaba Cloud", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", word(30)), ("Alibaba Cloud", "ALICLOUD_SECRET_KEY", word(30)),
        ("Backblaze B2", "B2_APPLICATION_KEY", word(31)), ("Scaleway", "SCW_SECRET_KEY", m.uuid()), ("Tencent Cloud", "TENCENTCLOUD_SECRET_KEY", word(32)),
        ("Volcengine", "VOLCENGINE_SECRET_KEY", word(40)), ("OpenStack", "OS_PASSWORD", word(14)), ("OpenStack", "OS_APPLICATION_CREDENTIAL_SECRET", word(40)),
        ("Huawei Cloud", "HW_SECRET_KEY", word(40)), ("MinIO", "MINIO_ROOT_PASSWORD", word(12)), ("MinIO", "MINIO_SECRET_KEY", word(20)),
        ("S3", "S3_SECRET_KEY", word(24)), ("S3", "S3_SECRET_ACCESS_KEY", word(24)), ("Yandex Cloud", "YC_TOKEN", word(40)), ("vSphere", "VSPHERE_PASSWORD", word(12)),
    ]
    for provider, name, value in pairs:
        yield Case(provider, "under " + name, [(name, value)], [value], "error", False)


def halves(m):
    """The other half of a pair, under names that say nothing: found by the id beside it."""
    for provider, key_id, secret in [
        ("AWS", m.aws_id(), m.aws_secret()), ("Google Cloud", "GO" + "OG1E" + m.run(UPPER + DIGITS, 55), m.run(B64, 40)),
        ("DigitalOcean", "DO" + "00" + m.run(UPPER + DIGITS, 16), m.run(B64, 43)), ("Alibaba Cloud", "LT" + "AI" + "5t" + m.run(ALNUM, 18), m.run(ALNUM, 30)),
        ("Scaleway", "SC" + "W" + m.run(UPPER + DIGITS, 17), m.uuid()), ("Tencent Cloud", "AK" + "ID" + m.run(ALNUM, 32), m.run(ALNUM, 32)),
    ]:
        yield Case(provider, "pair", [("user", key_id), ("pass", secret)], [secret], "error", False)


def quiet(m):
    """Near misses and look-alikes."""
    rows = [
        ("AWS", "one character short", "AK" + "IA" + m.run(B32, 15)), ("AWS", "one too many", "AK" + "IA" + m.run(B32, 17)),
        ("AWS", "lower case", ("AK" + "IA" + m.run(B32, 16)).lower()), ("AWS", "role id", "AR" + "OA" + m.run(B32, 16)), ("AWS", "user id", "AI" + "DA" + m.run(B32, 16)),
        ("AWS", "inside a word", "xx" + "AK" + "IA" + m.run(B32, 16)), ("AWS", "SHA-1", m.run(HEX, 40)), ("AWS", "40 characters", m.run(ALNUM, 40)),
        ("AWS", "role ARN", "arn:aws:iam::123456789012:role/" + m.run(ALNUM, 20)), ("AWS", "SHA-256", "sha256:" + m.run(HEX, 64)),
        ("Azure", "64 random bytes", m.azure_storage_old()), ("Azure", "GUID", m.uuid()), ("Azure", "7Q~ too short", m.run(ALNUM, 3) + "7Q" + "~" + m.run(ALNUM, 29)),
        ("Azure", "7Q~ too long", m.run(ALNUM, 3) + "7Q" + "~" + m.run(ALNUM, 33)), ("Azure", "marker at another place", m.run(B64, 70) + "+A" + "St" + m.run(B64, 12) + "=="),
        ("Azure", "SAS without its signature", "https://a.blob.core.windows.net/c?sv=2022-11-02&ss=b&srt=sco&sp=r&se=2027-01-01"),
        ("Azure", "another issuer's token", m.jwt("https://idp.example.org/")), ("Azure", "storage account's name", "AccountName=demo;EndpointSuffix=core.windows.net"),
        ("Azure", "Laravel key", "base64:" + m.run(B64, 43) + "="),
        ("Google Cloud", "external account", m.external_account()), ("Google Cloud", "too short", "AI" + "za" + m.run(ALNUM, 34)),
        ("Google Cloud", "service account e-mail", "backup@demo.iam.gserviceaccount.com"), ("Google Cloud", "schema", '{"type": "service_account", "properties": {"private_key": {"type": "string"}}}'),
        ("Google Cloud", "OAuth client id", m.run(DIGITS, 12) + "-" + m.run(LOWER + DIGITS, 32) + ".apps.googleusercontent.com"),
        ("IBM Cloud", "44 characters", m.run(URL64, 44)), ("IBM Cloud", "CRN", "crn:v1:bluemix:public:iam-identity::a/" + m.run(HEX, 32) + "::profile:Profile-" + m.uuid()),
        ("Oracle Cloud", "user OCID", "ocid1." + "user.oc1..aaaa" + m.run(LOWER + DIGITS, 56)),
        ("DigitalOcean", "too short", "dop" + "_v1_" + m.run(HEX, 63)), ("DigitalOcean", "wrong alphabet", "dop" + "_v1_" + m.run("ghijkl", 64)),
        ("Alibaba Cloud", "a word", "LT" + "AI" + "aaaaaaaaaaaaaaaa"), ("Yandex Cloud", "short", "AQ" + "VN" + m.run(ALNUM, 20)), ("Scaleway", "UUID", m.uuid()),
        ("Scaleway", "key id alone", "SC" + "W" + m.run(UPPER + DIGITS, 17)), ("Tencent Cloud", "short", "AK" + "ID" + m.run(ALNUM, 20)), ("Backblaze B2", "hex", m.run(HEX, 25)),
        ("S3", "bucket", "my-backup-bucket-" + m.run(LOWER, 8)), ("MinIO", "host", "minio.minio.svc.cluster.local:9000"),
    ]
    for provider, what, value in rows:
        yield Case(provider, what, [(m.rng.choice(["payload", "note", "setting", "x"]), value)], [], "quiet", True)
    for provider, name, value in [
        ("AWS", "AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/backup"), ("AWS", "AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"),
        ("AWS", "AWS_REGION", "eu-west-1"), ("AWS", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token"),
        ("Azure", "AZURE_CLIENT_ID", m.uuid()), ("Azure", "AZURE_TENANT_ID", m.uuid()), ("Azure", "AZURE_SUBSCRIPTION_ID", m.uuid()),
        ("Azure", "AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token"), ("Azure", "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
        ("Azure", "AZURE_STORAGE_ACCOUNT", "demoaccount"), ("Google Cloud", "GOOGLE_CLOUD_PROJECT", "demo"),
        ("S3", "CACHE_KEY", m.run(ALNUM, 20)), ("S3", "ACCESS_KEY", m.run(ALNUM, 20)), ("MinIO", "PASSWORD_FILE", "/etc/x/password"),
        ("AWS", "AWS_SECRET_ACCESS_KEY", "vault:secret/data/aws#key"), ("AWS", "AWS_SECRET_ACCESS_KEY", "ENC[AES256_GCM,data:%s,iv:x,tag:y,type:str]" % m.run(B64, 40)),
    ]:
        yield Case(provider, "under " + name, [(name, value)], [], "quiet", False)


def slots(m):
    """A placeholder or an empty slot is a note: never a warning or an error."""
    for provider, name, value in [
        ("AWS", "AWS_SECRET_ACCESS_KEY", "${AWS_SECRET}"), ("AWS", "AWS_ACCESS_KEY_ID", "AK" + "IAIOSFODNN7" + "EXAMPLE"), ("AWS", "AWS_SECRET_ACCESS_KEY", "<your-secret>"),
        ("AWS", "AWS_SECRET_ACCESS_KEY", "changeme"), ("Azure", "AZURE_CLIENT_SECRET", "{{ .Values.secret }}"), ("Azure", "AZURE_CLIENT_SECRET", "xxxxxxxxxxxx"),
        ("IBM Cloud", "IBMCLOUD_API_KEY", "REPLACE_ME"), ("MinIO", "MINIO_ROOT_PASSWORD", "$(ROOT_PASSWORD)"),
    ]:
        yield Case(provider, "slot " + name, [(name, value)], [], "note", False)


def all_cases(m):
    for group in (shaped, named, halves, quiet, slots):
        yield from group(m)
