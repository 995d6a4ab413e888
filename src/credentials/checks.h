/*
 * checks.h: what a detector's row cannot say in columns. Internal to src/credentials; contract in detect.h.
 */
#ifndef PXB_CREDENTIALS_CHECKS_H
#define PXB_CREDENTIALS_CHECKS_H

#include "credentials/detect.h"

/* checks.c */
bool check_aws_id(struct match *m, struct slice text);
bool check_presigned(struct match *m, struct slice text);
bool check_mixed(struct match *m, struct slice text);
bool check_sa_json(struct match *m, struct slice text);
bool check_user_json(struct match *m, struct slice text);
bool check_oci_pem(struct match *m, struct slice text);
bool check_pem(struct match *m, struct slice text);
bool check_jwt(struct match *m, struct slice text);
bool check_yandex(struct match *m, struct slice text);

/* checks_azure.c */
bool check_azure_64(struct match *m, struct slice text); /* 64 bytes: 86 characters and == */
bool check_azure_32(struct match *m, struct slice text); /* 32 bytes: 43 characters and = */
bool check_azure_39(struct match *m, struct slice text); /* 39 bytes: 52 characters */
bool check_azure_40(struct match *m, struct slice text); /* 40 bytes: 54 characters and == */
bool check_annotated(struct match *m, struct slice text);
bool check_entra(struct match *m, struct slice text);
bool check_entra_any(struct match *m, struct slice text);
bool check_refresh(struct match *m, struct slice text);
bool check_sas(struct match *m, struct slice text);
bool check_connection(struct match *m, struct slice text);
bool check_appconfig(struct match *m, struct slice text);

/* The 12-digit account of an AWS key id, false for ids made before 2019, which carry none. */
bool aws_account_of(struct slice id, char account[13]);

/* The secret with at most `far` bytes of text on either side. */
struct slice match_around(const struct match *m, struct slice text, size_t far);

/* A slice of text that starts at m->secret: how far it lies in the text. */
static inline size_t match_at(const struct match *m, struct slice text)
{
	return (size_t)(m->secret.p - text.p);
}

#endif
