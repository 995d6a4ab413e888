/*
 * banned.h: calls that do not compile here. Each has a neighbour that takes a length or reports its errors.
 */
#ifndef PXB_BANNED_H
#define PXB_BANNED_H

#define PXB_BANNED(f) sorry_##f##_is_a_banned_function

#undef strcpy
#define strcpy(a, b) PXB_BANNED(strcpy)
#undef strcat
#define strcat(a, b) PXB_BANNED(strcat)
#undef strncpy
#define strncpy(a, b, c) PXB_BANNED(strncpy)
#undef strncat
#define strncat(a, b, c) PXB_BANNED(strncat)
#undef sprintf
#define sprintf(...) PXB_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) PXB_BANNED(vsprintf)
#undef strtok
#define strtok(a, b) PXB_BANNED(strtok)
#undef strtok_r
#define strtok_r(a, b, c) PXB_BANNED(strtok_r)
#undef atoi
#define atoi(a) PXB_BANNED(atoi)
#undef atol
#define atol(a) PXB_BANNED(atol)
#undef atof
#define atof(a) PXB_BANNED(atof)
#undef gets
#define gets(a) PXB_BANNED(gets)
#undef system
#define system(a) PXB_BANNED(system)
#undef popen
#define popen(a, b) PXB_BANNED(popen)
#undef mktemp
#define mktemp(a) PXB_BANNED(mktemp)
#undef tmpnam
#define tmpnam(a) PXB_BANNED(tmpnam)
#undef localtime
#define localtime(a) PXB_BANNED(localtime)
#undef gmtime
#define gmtime(a) PXB_BANNED(gmtime)
#undef asctime
#define asctime(a) PXB_BANNED(asctime)
#undef ctime
#define ctime(a) PXB_BANNED(ctime)

#endif
