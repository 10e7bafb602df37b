#include "push/judge.h"

#include <stdio.h>

#include "plex/library.h"

static bool ask_plex(
	const struct env *env, const struct request *request, struct arena *a, struct err *err)
{
	struct plex_time time = request_plex_time(request, LIMIT_REQUEST_MS);
	struct library_list libraries;

	return library_read(env->use->plex, &time, &libraries, a, err);
}

bool judge_plex_answers(const struct env *env, const struct request *request, struct arena *a)
{
	struct err err;

	return ask_plex(env, request, a, &err);
}

static bool is_refusal(const struct err *err)
{
	return err->status == 401 || err->status == 403;
}

/* Whether every request may fail like this one. A 404 and a 500 are an item's own; of a server
 * that is busy nobody has to ask. */
static bool may_be_all(const struct err *err)
{
	int status = err->status;

	return err->party == PARTY_PLEX &&
	       (err->broken || status == 501 ||
		       (status >= 300 && status < 500 && status != 404 && status != 429));
}

void judge_item(const struct env *env, const struct request *request, const char *what,
	struct err *err, struct arena *a)
{
	struct err plex;

	if (!may_be_all(err))
		return;
	if (!ask_plex(env, request, a, &plex)) {
		if (judge_is_one(err) || plex.kind == ERR_SETUP)
			*err = plex; /* it is not the item's: Plex answers nobody now */
	} else if (is_refusal(err)) {
		err->kind = ERR_JOB;
		snprintf(err->text, sizeof(err->text), "Plex refuses %s (HTTP %d)", what,
			err->status);
	} else if (!judge_is_one(err)) {
		err->kind = ERR_LATER;
	}
}

bool judge_is_value(const struct err *err, unsigned fields, unsigned attempts)
{
	if (err->status == 404)
		return true;
	if (is_refusal(err) || err->kind == ERR_JOB)
		return false;
	return fields == 1 && attempts + 1 >= LIMIT_DOUBTS;
}

bool judge_is_one(const struct err *err)
{
	return err->kind == ERR_JOB || err->kind == ERR_LATER;
}

bool judge_keep(bool *all, struct err *kept, const struct err *err)
{
	if (*all || !judge_is_one(err))
		*kept = *err;
	*all = false;
	return judge_is_one(err);
}

bool judge_may_be_one(const struct err *err)
{
	return judge_is_one(err) || err->broken || is_refusal(err);
}
