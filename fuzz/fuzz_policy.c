/*
 * fuzz_policy.c: policies. Whatever is taken can be written out (`policy show`) and the text says the same again.
 */
#include "fuzz.h"
#include "policy/policy_text.h"

static bool reads(struct policy *p, struct slice text, bool tighten, struct err *err)
{
	*err = ERR_INIT;
	return policy_read(p, "fuzz.yaml", text, tighten, err) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buf struct buf shown = BUF_TEXT, template = BUF_TEXT;
	cleanup_policy struct policy p, again, tight, init;
	struct slice text = slice_of((const char *)data, size);
	struct err err;

	policy_init(&p);
	policy_init(&again);
	policy_init(&tight);
	policy_init(&init);
	reads(&tight, text, true, &err);
	if (!reads(&p, text, false, &err)) {
		PROMISE(err.status == STATUS_USAGE && err.text[0] && !strchr(err.text, '\n'), "an odd refusal: %s",
			err.text);
		return 0;
	}
	policy_write_effective(&p, &shown);
	PROMISE(reads(&again, buf_slice(&shown), false, &err), "own policy refused: %s\n%s", err.text, buf_str(&shown));
	PROMISE(p.telemetry == again.telemetry && p.patch == again.patch && p.argo_cd == again.argo_cd &&
			p.mesh_mode == again.mesh_mode && p.shared_gateway == again.shared_gateway &&
			p.second_opinion == again.second_opinion && slice_eq(p.ns, again.ns) &&
			slice_eq(p.release_name, again.release_name) &&
			slice_eq(p.storage_class, again.storage_class) && slice_eq(p.host_name, again.host_name) &&
			slice_eq(p.registry_host, again.registry_host) &&
			slice_eq(p.registry_repository, again.registry_repository) &&
			slice_eq(p.registry_pull_secret, again.registry_pull_secret) &&
			p.exceptions.n == again.exceptions.n,
		"own policy reads differently:\n%s", buf_str(&shown));
	for (unsigned i = 0; i < RULE_COUNT; i++)
		PROMISE(policy_severity(&p, (enum rule_id)i) == policy_severity(&again, (enum rule_id)i),
			"severity of rule %u changed", i);
	policy_write_template(&p, &template);
	PROMISE(reads(&init, buf_slice(&template), false, &err), "own template refused: %s\n%s", err.text,
		buf_str(&template));
	return 0;
}
