/*
 * connect.h - what people put into the settings connectUrl and connectToken, and what they meant.
 */
#ifndef PLEXSYNC_STASH_CONNECT_H
#define PLEXSYNC_STASH_CONNECT_H

#include "base/arena.h"
#include "base/err.h"

/* The server's address in what was copied from a browser: without "/web" and what follows it,
 * without "#!/…", without '/' at its end; the scheme in lower case. */
char *connect_url(struct arena *, const char *given);

/* False with ERR_SETUP, which names the setting and the kind of mistake, but not the value: it
 * may contain a secret. */
bool connect_check_url(const char *url, struct err *);
bool connect_check_token(const char *token, struct err *);

#endif
