/*
 * other_libyaml.c: linked with -Wl,--wrap=yaml_get_version, makes any libyaml say that it is 0.2.4. Such a program
 * feeds libyaml the plain way (src/yaml/feed.c), and is the referee of the usual one.
 */
void __wrap_yaml_get_version(int *major, int *minor, int *patch);

void __wrap_yaml_get_version(int *major, int *minor, int *patch)
{
	*major = 0;
	*minor = 2;
	*patch = 4;
}
