/*
 * application.h: what Argo CD passes to a config management plugin about the application it renders.
 *
 * This folder is the plugin: it takes the environment and the folder that Argo CD hands over and gives Helm's command
 * line, what Helm rendered, and the files that set the plugin up. It checks nothing and prints nothing.
 *
 * Trust: parameters and ARGOCD_ENV_* come from the Application, and files of the repository may change them. They
 * choose values. What is demanded comes from the sidecar's own environment, command line and files alone; Argo CD puts
 * a prefix before every name that an Application gives, so that none of them can be taken for the sidecar's own.
 *
 * Source: Argo CD 3.5, reposerver/repository and cmpserver/plugin.
 */
#ifndef PXB_ARGOCD_APPLICATION_H
#define PXB_ARGOCD_APPLICATION_H

#include "argocd/repository.h"
#include "policy/app_parameters.h"
#include "values/values.h"

struct application {
	struct arena arena;
	struct stream stream; /* ARGOCD_APP_PARAMETERS */
	struct app_parameters parameters;
	struct repository repository;
	const char *release, *ns; /* of the Helm release */
	const char *chart;	  /* "." or a path inside the repository */
	const char *kube_version; /* NULL: Helm's own */
	VEC(const char *) api_versions;
	VEC(const char *) values_files; /* "./x": never an option or an address to Helm */
	VEC(struct value_set) sets;	/* in Helm's order */
};

#define cleanup_application PXB_CLEANUP(application_release)

/* Reads the environment and checks all that the Application and its repository chose; STATUS_USAGE names what is wrong
 *and how to fix it. a is releasable, whatever the outcome. */
int application_read(struct application *a, struct err *err) PXB_MUST_CHECK;
void application_release(struct application *a);

/* The same values for the gate: what the Application says, and which keys the chart knows. STATUS_USAGE for what Helm
   would reject. */
int application_values(const struct application *a, struct values *v, struct err *err) PXB_MUST_CHECK;

#endif
