/* tick.c - somebody looks whether something is due; cheap enough for every minute. */
#include "cmd/cmd.h"
#include "run/summon.h"

bool cmd_tick(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	(void)request;
	(void)left;
	(void)err;
	*output = cJSON_CreateObject();
	cJSON_AddBoolToObject(*output, "asked", summon_if_due(env));
	return true;
}
