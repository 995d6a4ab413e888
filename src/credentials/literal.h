/*
 * literal.h: whether a value under a credential's name is one, or stands in for one.
 */
#ifndef PXB_CREDENTIALS_LITERAL_H
#define PXB_CREDENTIALS_LITERAL_H

#include "credentials/names.h"

enum literal {
	LITERAL_NOTHING, /* a pointer, ciphertext, a flag: says nothing about a credential here */
	LITERAL_SLOT,	 /* empty, a template, a placeholder: the slot is there, the value is not */
	LITERAL_VALUE,
};

enum literal literal_judge(struct slice value, enum name_kind kind);

/* A template, reference or placeholder, whatever it stands for. */
bool literal_is_placeholder(struct slice value);

/* Without blanks and without the quotes around it. */
struct slice literal_bare(struct slice value);

#endif
