/*
 * trouble.c - see trouble.h. Record "trouble" in QUEUE_META: version 1, since
 * u64, settings u64, text; an empty text means that there is none.
 */
#include "state/trouble.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/state.h"

#define VERSION 1

struct trouble {
	int64_t since_ms;
	uint64_t settings;
	const char *text;
};

static void load(struct txn *txn, struct trouble *trouble, struct arena *a)
{
	struct record_reader in;
	struct bytes value;

	*trouble = (struct trouble){.text = ""};
	if (state_meta_get(txn, "trouble", &value) != FOUND)
		return;
	record_open(&in, value, a);
	if (record_u8(&in) != VERSION)
		return;
	trouble->since_ms = (int64_t)record_u64(&in);
	trouble->settings = record_u64(&in);
	trouble->text = record_text(&in);
	if (!record_ok(&in))
		*trouble = (struct trouble){.text = ""};
}

static void save(struct txn *txn, const struct trouble *trouble, struct arena *a)
{
	struct str out;

	str_init(&out, a);
	record_put_u8(&out, VERSION);
	record_put_u64(&out, (uint64_t)trouble->since_ms);
	record_put_u64(&out, trouble->settings);
	record_put_text(&out, trouble->text);
	state_meta_put(txn, "trouble", &out);
}

bool trouble_note(struct txn *txn, const char *text, uint64_t settings, int64_t now_ms)
{
	struct trouble trouble;
	struct arena a;
	char *masked;
	bool is_news;

	arena_init(&a);
	load(txn, &trouble, &a);
	masked = arena_strdup(&a, text);
	log_mask(masked); /* it may quote a setting */
	is_news = strcmp(trouble.text, masked) != 0;
	trouble = (struct trouble){now_ms, settings, masked};
	save(txn, &trouble, &a);
	arena_clear(&a);
	return is_news;
}

bool trouble_is_of_others(struct txn *txn, uint64_t settings)
{
	struct trouble trouble;
	struct arena a;
	bool others;

	arena_init(&a);
	load(txn, &trouble, &a);
	others = *trouble.text != '\0' && trouble.settings != settings;
	arena_clear(&a);
	return others;
}

void trouble_clear(struct txn *txn)
{
	struct trouble trouble;
	struct arena a;

	arena_init(&a);
	load(txn, &trouble, &a);
	if (*trouble.text != '\0') {
		trouble = (struct trouble){.text = ""};
		save(txn, &trouble, &a);
	}
	arena_clear(&a);
}

bool trouble_blocks(struct txn *txn, int64_t now_ms)
{
	struct trouble trouble;
	struct arena a;
	int64_t age;
	bool blocks;

	arena_init(&a);
	load(txn, &trouble, &a);
	age = clock_age_ms(now_ms, trouble.since_ms);
	blocks = *trouble.text != '\0' && age >= 0 && age < LIMIT_SETUP_RETRY_MS;
	arena_clear(&a);
	return blocks;
}
