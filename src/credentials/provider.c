#include "credentials/provider.h"

static const struct provider providers[PROVIDER_COUNT] = {
#define PROVIDER(id, name, remedy) [PROVIDER_##id] = {(name), (remedy)},
#include "credentials/provider.def"
#undef PROVIDER
};

const struct provider *provider_of(enum provider_id id)
{
	return &providers[id];
}
