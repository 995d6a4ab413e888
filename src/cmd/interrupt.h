/*
 * interrupt.h: Ctrl-C and its like end the waiting, not the program: what is known by then is printed, and the exit
 * code says that it is not everything.
 */
#ifndef PXB_CMD_INTERRUPT_H
#define PXB_CMD_INTERRUPT_H

#include <stdbool.h>

enum { EXIT_INTERRUPTED = 130 };

/* From here on SIGINT, SIGTERM and SIGHUP are noted, unless they were ignored before (nohup), and end what waits. A
 * second one ends the program. */
void interrupt_catch(void);

/* Whether one came. */
bool interrupt_came(void);

#endif
