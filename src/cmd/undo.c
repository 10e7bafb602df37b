/* undo.c - puts back what a push, or a whole run, replaced in Plex. */
#include "base/log.h"
#include "cmd/cmd.h"
#include "run/summon.h"
#include "work/undoing.h"

static cJSON *report_json(const struct undoing_report *report)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddNumberToObject(json, "scenes", (double)report->scenes);
	cJSON_AddNumberToObject(json, "undone", (double)report->undone);
	cJSON_AddNumberToObject(json, "kept", (double)report->kept);
	cJSON_AddNumberToObject(json, "failed", (double)report->failed);
	cJSON_AddItemToObject(json, "results", report->results);
	return json;
}

bool cmd_undo(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	struct undoing_report report;

	if ((request->entry == 0) == (request->run == 0))
		return err_set(err, ERR_INPUT,
			"which push? Give one of args.entry (--entry N) and args.run (--run N)");
	if (request->entry != 0)
		return undoing_entry(env, request->entry, request->dry_run, &answer->json, err);
	if (!undoing_run(env, request->run, request->dry_run, !env->is_task, &report, err)) {
		cJSON_Delete(report.results);
		return false;
	}
	answer->json = report_json(&report);
	answer->left = report.failed > 0;
	if (report.owed)
		summon_if_due(env);
	log_info("Run %lld: %zu of %zu pushes %s, %zu kept as they were changed since, %zu "
		 "failed%s",
		(long long)request->run, report.undone, report.scenes,
		request->dry_run ? "would be undone" : "are undone", report.kept, report.failed,
		report.owed ? "; the rest follows in \"Process queue\"" : "");
	return true;
}
