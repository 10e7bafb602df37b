/* trouble.c - see trouble.h. The record is QUEUE_META "trouble": see code_trouble(). */
#include "state/trouble.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1

static const struct bytes key = {"trouble", 7};

static void code_trouble(struct record *r, void *what)
{
	struct trouble *trouble = what;
	uint8_t version = VERSION;

	record_u8(r, &version);
	record_refuse(r, version == VERSION);
	record_i64(r, &trouble->since_ms);
	record_u64(r, &trouble->settings);
	record_text(r, &trouble->text);
}

void trouble_load(struct txn *txn, struct trouble *trouble, struct arena *a)
{
	if (entry_load(txn, QUEUE_META, key, code_trouble, trouble, sizeof(*trouble), a) != FOUND)
		trouble->text = "";
}

static void save(struct txn *txn, const struct trouble *trouble)
{
	entry_save(txn, QUEUE_META, key, code_trouble, trouble, sizeof(*trouble));
}

bool trouble_note(struct txn *txn, const char *text, uint64_t settings, int64_t now_ms)
{
	struct trouble before;
	struct arena a;
	char *masked;
	bool is_news;

	arena_init(&a);
	trouble_load(txn, &before, &a);
	masked = arena_strdup(&a, text);
	log_mask(masked); /* it may quote a setting */
	is_news = strcmp(before.text, masked) != 0 || before.settings != settings;
	save(txn, &(struct trouble){now_ms, settings, masked});
	arena_clear(&a);
	return is_news;
}

void trouble_clear(struct txn *txn)
{
	struct trouble before;
	struct arena a;

	arena_init(&a);
	trouble_load(txn, &before, &a);
	if (*before.text != '\0')
		save(txn, &(struct trouble){.text = ""});
	arena_clear(&a);
}

bool trouble_is_of_others(const struct trouble *trouble, uint64_t settings)
{
	return *trouble->text != '\0' && trouble->settings != settings;
}

bool trouble_blocks(const struct trouble *trouble, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, trouble->since_ms);

	return *trouble->text != '\0' && age >= 0 && age < LIMIT_SETUP_RETRY_MS;
}
