/*
 * preflight.h: what `preflight` and `install --preflight` have in common.
 */
#ifndef PXB_CMD_PREFLIGHT_H
#define PXB_CMD_PREFLIGHT_H

/* Where HELM_DRIVER has Helm keep its releases: "secrets" or "configmaps"; NULL: in neither. */
const char *preflight_driver_of_helm(void);

#endif
