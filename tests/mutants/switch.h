/*
 * switch.h: the switch of a program that has all mutants of a draw in it. See run.py.
 */
#ifndef PXB_MUTANT_SWITCH_H
#define PXB_MUTANT_SWITCH_H

enum { PXB_MUTANTS_MAX = 4096, PXB_TESTS_MAX = 512 };

extern int pxb_mutant_on;		   /* $PXB_MUTANT; 0: none */
extern unsigned char *pxb_mutants_reached; /* a byte each, in the file $PXB_MUTANT_REACHED if that is set */

#define PXB_MUTANT(n) (pxb_mutants_reached[n] = 1, __builtin_expect(pxb_mutant_on == (n), 0))

#endif
