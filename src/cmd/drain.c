/* drain.c - work through everything that is due. */
#include "work/drain.h"

#include "base/log.h"
#include "cmd/cmd.h"

cJSON *cmd_drain_json(const struct drain_report *report)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddNumberToObject(json, "synced", (double)report->synced);
	cJSON_AddNumberToObject(json, "unchanged", (double)report->unchanged);
	cJSON_AddNumberToObject(json, "ignored", (double)report->ignored);
	cJSON_AddNumberToObject(json, "waiting", (double)report->waiting);
	cJSON_AddNumberToObject(json, "failed", (double)report->failed);
	cJSON_AddNumberToObject(json, "retried", (double)report->retried);
	cJSON_AddBoolToObject(json, "elsewhere", report->elsewhere);
	cJSON_AddBoolToObject(json, "gave_way", report->gave_way);
	return json;
}

bool cmd_drain(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	struct drain_report report;
	bool done;

	(void)request;
	done = drain_run(env, 0, &report, err);
	answer->left = !done || report.gave_way || report.failed > 0 || report.retried > 0;
	if (!done && report.summoned && err->told) { /* by no person: once is enough */
		log_debug("%s", err->text);
		answer->json = cJSON_CreateObject();
		cJSON_AddStringToObject(answer->json, "stopped", err->text);
		return true;
	}
	if (!done)
		return err_context(err, "The queue is kept");
	if (report.elsewhere)
		log_info("Another drain is running");
	answer->json = cmd_drain_json(&report);
	return true;
}
