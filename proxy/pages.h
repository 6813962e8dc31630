/* pages: what of the program and its libraries is in memory. Nothing is owned. */
#ifndef PROXY_PAGES_H
#define PROXY_PAGES_H

/* Takes the pages of code and constants that have been used so far out of the process's memory: most were used by starting alone (of
 * OpenSSL, GnuTLS and Kerberos, too, that libcurl brings along). The system keeps them as what they are, pages of files; one that is
 * used again is mapped again without being read. Nothing that can have been written to is touched. Thread: any. */
void pages_give_back(void);

#endif
