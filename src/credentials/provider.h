/*
 * provider.h: the clouds, from provider.def. Facts only; nothing here owns memory.
 */
#ifndef PXB_CREDENTIALS_PROVIDER_H
#define PXB_CREDENTIALS_PROVIDER_H

#include "base/setup.h"

enum provider_id {
#define PROVIDER(id, name, remedy) PROVIDER_##id,
#include "credentials/provider.def"
#undef PROVIDER
	PROVIDER_COUNT
};

struct provider {
	const char *name;   /* "AWS" */
	const char *remedy; /* what replaces the credential, for `fix` */
};

const struct provider *provider_of(enum provider_id id);

#endif
