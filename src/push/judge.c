#include "push/judge.h"

#include <stdio.h>

#include "plex/library.h"

bool judge_plex_answers(const struct env *env, const struct request *request, struct arena *a)
{
	struct plex_time time = request_plex_time(request, LIMIT_REQUEST_MS);
	struct library_list libraries;
	struct err err;

	return library_read(env->use->plex, &time, &libraries, a, &err);
}

static bool is_refusal(const struct err *err)
{
	return err->status == 401 || err->status == 403;
}

void judge_item(const struct env *env, const struct request *request, const char *what,
	struct err *err, struct arena *a)
{
	bool refused = is_refusal(err);

	if (err->party != PARTY_PLEX ||
		!(err->broken || (err->kind == ERR_SETUP && err->status != 0)) ||
		!judge_plex_answers(env, request, a))
		return;
	err->kind = refused ? ERR_JOB : ERR_LATER;
	if (refused)
		snprintf(err->text, sizeof(err->text), "Plex refuses %s (HTTP %d)", what,
			err->status);
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
