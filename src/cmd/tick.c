/* tick.c - starts a drain if a scene is due; cheap enough for every minute. */
#include "base/log.h"
#include "cmd/cmd.h"
#include "run/summon.h"

bool cmd_tick(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	bool asked = summon_if_due(env);

	(void)request;
	(void)err;
	/* Not every minute in Stash's log. */
	log_at(env->is_task ? LOG_DEBUG : LOG_INFO, "%s",
		asked ? "Stash was asked to run the task that works through the queue"
		      : "Nothing is due, or the task that does it is on its way");
	answer->json = cJSON_CreateObject();
	cJSON_AddBoolToObject(answer->json, "asked", asked);
	return true;
}
