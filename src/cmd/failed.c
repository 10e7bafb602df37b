/* failed.c - act on the failed jobs, and on the queue as a whole. */
#include "base/clock.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "state/queue.h"
#include "run/summon.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static bool need_queue(struct env *env, struct err *err)
{
	return env->state.queue != NULL ||
	       err_set(err, ERR_STORE, "there is no queue: the state cannot be opened");
}

static cJSON *count_json(const char *name, size_t count)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddNumberToObject(json, name, (double)count);
	return json;
}

bool cmd_retry_failed(struct env *env, const struct cmd_request *request, cJSON **output,
	bool *left, struct err *err)
{
	struct txn txn;
	size_t count;

	(void)left;
	if (!need_queue(env, err))
		return false;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	count = queue_retry_failed(&txn, request->scene, clock_now_ms());
	if (!store_commit(&txn, err))
		return false;
	log_info("%zu failed scenes are queued again", count);
	summon_if_due(env);
	*output = count_json("retried", count);
	return true;
}

bool cmd_clear_failed(struct env *env, const struct cmd_request *request, cJSON **output,
	bool *left, struct err *err)
{
	int64_t before = INT64_MAX;
	struct txn txn;
	size_t count;

	(void)left;
	if (request->days > 100000)
		return err_set(err, ERR_INPUT, "days is too large a number");
	if (request->days >= 0)
		before = clock_now_ms() - request->days * DAY_MS;
	if (!need_queue(env, err))
		return false;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	count = queue_clear_failed(&txn, before);
	if (!store_commit(&txn, err))
		return false;
	log_info("%zu failed scenes are forgotten", count);
	*output = count_json("cleared", count);
	return true;
}

bool cmd_clear_queue(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	struct txn txn;
	size_t count;

	(void)request;
	(void)left;
	if (!need_queue(env, err))
		return false;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	count = queue_clear(&txn);
	if (!store_commit(&txn, err))
		return false;
	log_info("%zu queued scenes are forgotten", count);
	*output = count_json("cleared", count);
	return true;
}
