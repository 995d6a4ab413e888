/*
 * marvin.h: Marvin32, the checksum inside Azure's identifiable keys.
 * Source: microsoft/security-utilities, Marvin.*.cs and IdentifiableMetadata.cs.
 */
#ifndef PXB_CREDENTIALS_MARVIN_H
#define PXB_CREDENTIALS_MARVIN_H

#include "base/slice.h"

uint32_t marvin32(struct slice bytes, uint64_t seed);

#endif
