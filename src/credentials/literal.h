/*
 * literal.h: whether a value under a credential's name is one, or replaces one.
 */
#ifndef PXB_CREDENTIALS_LITERAL_H
#define PXB_CREDENTIALS_LITERAL_H

#include "credentials/names.h"

enum literal {
	LITERAL_NOTHING, /* ciphertext, a flag, a pattern: says nothing about a credential here */
	LITERAL_POINTER, /* says where the secret is kept */
	LITERAL_SLOT,	 /* empty, a template, a placeholder: the slot is there, the value is not */
	LITERAL_VALUE,
};

enum literal literal_judge(struct slice value, const struct credential_name *name);

/* The same for a secret that opens no cloud: any word may be one. */
enum literal literal_judge_plain(struct slice value);

/* A template, reference or placeholder, whatever it stands for. */
bool literal_is_placeholder(struct slice value);

/* Ciphertext of SOPS, Ansible Vault or sealed-secrets. */
bool literal_is_sealed(struct slice value);

/* Without blanks and without the quotes around it. */
struct slice literal_bare(struct slice value);

#endif
