/* drain.c - work through everything that is due. */
#include "work/drain.h"

#include "base/log.h"
#include "cmd/cmd.h"

bool cmd_drain(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	struct drain_report report;
	bool done;

	(void)request;
	if (env->stash == NULL)
		return err_set(
			err, ERR_INPUT, "the address of Stash is not known: use --stash-url");
	done = drain_run(env, &report, err);
	*left = !done || report.gave_way || report.failed > 0 || report.retried > 0;
	if (!done && report.summoned && err->told) { /* by no person: once is enough */
		log_debug("%s", err->text);
		*output = cJSON_CreateObject();
		cJSON_AddStringToObject(*output, "stopped", err->text);
		return true;
	}
	if (!done)
		return err_context(err, "The queue is kept");
	if (report.elsewhere)
		log_info("Another drain is at work");
	*output = cJSON_CreateObject();
	cJSON_AddNumberToObject(*output, "synced", (double)report.synced);
	cJSON_AddNumberToObject(*output, "unchanged", (double)report.unchanged);
	cJSON_AddNumberToObject(*output, "ignored", (double)report.ignored);
	cJSON_AddNumberToObject(*output, "waiting", (double)report.waiting);
	cJSON_AddNumberToObject(*output, "failed", (double)report.failed);
	cJSON_AddNumberToObject(*output, "retried", (double)report.retried);
	cJSON_AddBoolToObject(*output, "elsewhere", report.elsewhere);
	cJSON_AddBoolToObject(*output, "gave_way", report.gave_way);
	return true;
}
