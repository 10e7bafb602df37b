/* sweep.c - many scenes at once: sync-all, sync-recent, reconcile, preview. */
#include "work/sweep.h"

#include "base/clock.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "state/owed.h"
#include "work/drain.h"
#include "push/settle.h"

#define HOUR_MS	      ((int64_t)3600 * 1000)
#define HOURS_DEFAULT 24
#define HOURS_MOST    100000

/* The part of the progress that looking at the scenes is; the rest is pushing them. */
#define SWEEP_PART 0.1

static cJSON *reasons_json(const struct sweep_report *report)
{
	cJSON *list = cJSON_CreateArray();
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < report->reason_count; i++) {
		const struct sweep_reason *reason = &report->reasons[i];
		cJSON *entry = cJSON_CreateObject(), *examples;
		cJSON_AddStringToObject(entry, "reason", reason->reason);
		cJSON_AddNumberToObject(entry, "count", (double)reason->count);
		examples = cJSON_AddArrayToObject(entry, "examples");
		for (size_t e = 0; e < reason->examples; e++)
			cJSON_AddItemToArray(examples, cJSON_CreateString(arena_printf(&a, "%lld",
							       (long long)reason->example[e])));
		cJSON_AddItemToArray(list, entry);
	}
	arena_clear(&a);
	return list;
}

static cJSON *report_json(const struct sweep_report *report, bool dry_run)
{
	cJSON *json = cJSON_CreateObject(), *fields;

	cJSON_AddBoolToObject(json, "dry_run", dry_run);
	cJSON_AddNumberToObject(json, "scenes", (double)report->seen);
	cJSON_AddNumberToObject(json, "same", (double)report->same);
	cJSON_AddNumberToObject(json, dry_run ? "would_write" : "queued", (double)report->queued);
	cJSON_AddNumberToObject(json, "in_queue", (double)report->in_queue);
	cJSON_AddNumberToObject(json, "ignored", (double)report->ignored);
	cJSON_AddItemToObject(json, "reasons", reasons_json(report));
	if (!dry_run)
		return json;
	fields = cJSON_AddObjectToObject(json, "fields");
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (report->fields[f] > 0)
			cJSON_AddNumberToObject(fields, fields_name(f), (double)report->fields[f]);
	}
	return json;
}

static void log_reason(const struct sweep_reason *reason, struct arena *a)
{
	struct str examples;

	str_init(&examples, a);
	for (size_t e = 0; e < reason->examples; e++)
		str_addf(&examples, "%s%lld", e > 0 ? ", " : "", (long long)reason->example[e]);
	log_info("%zu scenes are left alone: %s (scene %s%s)", reason->count, reason->reason,
		examples.s, reason->count > reason->examples ? ", …" : "");
}

static void log_report(const struct sweep_report *report, bool dry_run)
{
	struct arena a;

	arena_init(&a);
	log_info("%zu scenes: %zu %s, %zu as last pushed, %zu in the queue already, %zu ignored",
		report->seen, report->queued, dry_run ? "would be written" : "queued", report->same,
		report->in_queue, report->ignored);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (report->fields[f] > 0)
			log_info("%s: would be written in %zu scenes", fields_name(f),
				report->fields[f]);
	}
	for (size_t i = 0; i < report->reason_count; i++)
		log_reason(&report->reasons[i], &a);
	arena_clear(&a);
}

/* What was queued is pushed at once, with everything else that is due. */
static bool push_queued(const struct env *env, struct cmd_answer *answer, struct err *err)
{
	struct drain_report report;
	bool done;

	done = drain_run(env, SWEEP_PART, &report, err);
	answer->left = !done || report.gave_way || report.failed > 0 || report.retried > 0;
	if (!done)
		return err_context(err, "The scenes stay queued");
	if (report.elsewhere)
		log_info("Another drain is running and pushes them");
	cJSON_AddItemToObject(answer->json, "drain", cmd_drain_json(&report));
	return true;
}

/* A reconcile by hand replaces the daily one. */
static void note_all(const struct env *env, void (*note)(struct txn *, int64_t))
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	note(&txn, clock_now_ms());
	store_commit(&txn, NULL);
}

static bool run(const struct env *env, const struct input_args *request, struct sweep_request sweep,
	struct cmd_answer *answer, struct err *err)
{
	struct sweep_report report;
	bool is_days;

	sweep.by_hand = sweep.resumable = true;
	sweep.force = request->force;
	sweep.dry_run |= request->dry_run;
	is_days = sweep.check_items && !sweep.dry_run;
	if (is_days)
		note_all(env, owed_all_begin);
	if (!sweep_run(env, &sweep, sweep.dry_run ? 1 : SWEEP_PART, &report, err)) {
		settle_trouble(env, err);
		return false;
	}
	if (is_days)
		note_all(env, owed_all_done);
	log_report(&report, sweep.dry_run);
	answer->json = report_json(&report, sweep.dry_run);
	return sweep.dry_run || push_queued(env, answer, err);
}

bool cmd_sync_all(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	return run(env, request, (struct sweep_request){0}, answer, err);
}

bool cmd_sync_recent(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	int64_t hours = request->hours >= 0 ? request->hours : HOURS_DEFAULT;
	struct sweep_request recent = {.hours = hours};

	if (hours < 1 || hours > HOURS_MOST)
		return err_set(
			err, ERR_INPUT, "hours is not a number between 1 and %d", HOURS_MOST);
	recent.since_ms = clock_now_ms() - hours * HOUR_MS;
	return run(env, request, recent, answer, err);
}

bool cmd_preview(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	return run(env, request, (struct sweep_request){.dry_run = true}, answer, err);
}

bool cmd_reconcile(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	return run(env, request, (struct sweep_request){.check_items = true}, answer, err);
}
