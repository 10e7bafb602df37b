/*
 * account.h - plex.tv, where a person signs in: a code that the person's browser takes there,
 * and the servers of the account.
 *
 * Requests go to plex.tv alone, over TLS that is verified by what the system trusts; settings
 * have no part in that. Only a test build takes another address, from PLEXSYNC_PLEX_TV.
 */
#ifndef PLEXSYNC_PLEX_ACCOUNT_H
#define PLEXSYNC_PLEX_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "http/http.h"

struct account;

/* 'client_id': who we are, for ever; another one is another device to plex.tv. */
struct account *account_open(const char *client_id);
void account_close(struct account *);

struct account_pin {
	const char *id;	  /* decimal digits */
	const char *code; /* for the browser's address */
	int64_t expires_s;
};

/* Begins a sign-in. False with:
 *   ERR_SERVER  plex.tv is away, busy, or not itself
 *   ERR_SETUP   its certificate cannot be verified, which a wrong clock may be the reason of
 *   ERR_JOB     it refuses */
bool account_pin(struct account *, struct account_pin *, struct arena *, struct err *);

/* Where the person signs in. */
const char *account_url(const struct account *, const char *code, struct arena *);

enum account_state {
	ACCOUNT_WAITING, /* for the person */
	ACCOUNT_DONE,
	ACCOUNT_EXPIRED,
	ACCOUNT_REFUSED,
	ACCOUNT_AWAY, /* plex.tv cannot be reached now */
};
/* Pure: what an answer about a pin means. 'left_s' is what plex.tv says; -1: nothing. */
enum account_state account_judge(int status, bool has_token, int64_t left_s);

/* How it stands. *token: once it is done, in the arena, and masked in the log from then on.
 * The error says why it is refused or away. */
enum account_state account_poll(
	struct account *, const char *pin, const char **token, struct arena *, struct err *);

/* Plex's clock less ours, by its last answer, in ms; 0: it had no date. */
int64_t account_skew_ms(const struct account *);

struct account_address {
	const char *url;
	bool local; /* in the server's own network */
	bool relay; /* through plex.tv: slow */
	/* of a try */
	bool answers;
	int64_t ms;
	const char *why; /* it does not */
};

struct account_server {
	const char *id; /* its machineIdentifier */
	const char *name;
	const char *token; /* for this server alone; masked from now on */
	bool owned;
	struct account_address *addresses;
	size_t count;
};

struct account_servers {
	struct account_server *v;
	size_t n;
};

/* The account's servers, with the addresses that they may be reached at. Errors as account_pin;
 * ERR_JOB if the token is not accepted any more. */
bool account_servers(struct account *, const char *token, struct account_servers *, struct arena *,
	struct err *);

/* Pure: the servers of plex.tv's answer. Beside the addresses that it gives, plain http to those
 * of the own network, whose names some routers hide, and this machine. */
bool account_parse(
	const char *text, size_t len, struct account_servers *, struct arena *, struct err *);

/* Tries all addresses of all servers from this machine at once, without a token, for
 * LIMIT_TRY_MS at most; each server's best address is its first then. */
void account_try(struct account_servers *, const struct http_trust *, struct arena *);

/* Pure: puts the best address first: one that answers, not through the relay, in the own
 * network, over TLS, quick. */
void account_sort(struct account_server *);

#endif
