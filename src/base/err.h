/*
 * err.h - one value that says what went wrong and what to do about it.
 *
 * Set where the trouble happens, given context on the way up, logged once at
 * the top, where the decision is taken. Functions that can fail return false,
 * or FAILED, with the error set; clean-up never overwrites the first error.
 */
#ifndef PLEXSYNC_BASE_ERR_H
#define PLEXSYNC_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

/* How much to give up, and when to come back. */
enum err_kind {
	ERR_NONE = 0,
	ERR_JOB,    /* this job can never work: fail it with the reason      */
	ERR_LATER,  /* this job may work later: back off                     */
	ERR_BUDGET, /* our own time ran out: the job stays due               */
	ERR_SERVER, /* the server is down or busy: stop using it in this run */
	ERR_SETUP,  /* a setting is wrong: say which, keep every job         */
	ERR_STORE,  /* our own state is unusable                             */
	ERR_INPUT,  /* what we were given makes no sense                     */
};

/* Who it is about. */
enum err_party { PARTY_US = 0, PARTY_STASH, PARTY_PLEX };

struct err {
	enum err_kind kind;
	enum err_party party;
	int status;		/* HTTP status, 0 if there was none */
	bool broken;		/* the answer broke off, or made no sense */
	bool told;		/* already reported to the user: see trouble.h */
	int64_t retry_after_ms; /* what the server asked for, 0 if nothing */
	char text[LIMIT_ERR_TEXT];
};

/* Answer of a look-up: a failed read must never look like "absent". */
enum lookup { FAILED = -1, ABSENT = 0, FOUND = 1 };

/* After a prototype: its result must not be ignored. */
#define MUST_USE __attribute__((warn_unused_result))

/* Sets kind and text; returns false, so a caller can 'return err_set(…)'. */
bool err_set(struct err *, enum err_kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text; returns false. */
bool err_context(struct err *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
