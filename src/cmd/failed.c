/* failed.c - retry-failed, clear-failed and clear-queue. */
#include "base/clock.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "state/queue.h"
#include "run/summon.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* Commits a change of 'count' jobs, and reports it. */
static bool commit(struct txn *txn, size_t count, const char *name, const char *said,
	struct cmd_answer *answer, struct err *err)
{
	if (!store_commit(txn, err))
		return false;
	log_info("%zu %s", count, said);
	answer->json = cJSON_CreateObject();
	cJSON_AddNumberToObject(answer->json, name, (double)count);
	return true;
}

bool cmd_retry_failed(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct txn txn;
	size_t count;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	count = queue_retry_failed(&txn, request->scene, clock_now_ms());
	if (!commit(&txn, count, "retried", "failed scenes are queued again", answer, err))
		return false;
	summon_if_due(env);
	return true;
}

bool cmd_clear_failed(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	int64_t before = INT64_MAX;
	struct txn txn;
	size_t count;

	if (request->days > 100000)
		return err_set(err, ERR_INPUT, "days is too large a number");
	if (request->days >= 0)
		before = clock_now_ms() - request->days * DAY_MS;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	count = queue_clear_failed(&txn, before, SIZE_MAX);
	return commit(&txn, count, "cleared", "failed scenes are forgotten", answer, err);
}

bool cmd_clear_queue(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct txn txn;
	size_t count;

	(void)request;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	count = queue_clear(&txn);
	return commit(&txn, count, "cleared", "queued scenes are forgotten", answer, err);
}
