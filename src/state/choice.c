/*
 * choice.c - see choice.h.
 *
 * QUEUE_CHOICES  scene (u64) → see code_choice()
 * QUEUE_META     "choices"   → how many were made so far
 */
#include "state/choice.h"

#include "state/queue.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1

static void code_choice(struct record *r, void *what)
{
	struct choice *choice = what;
	uint8_t version = VERSION, kind = (uint8_t)choice->kind;
	uint32_t section = (uint32_t)choice->section;

	record_u8(r, &version);
	record_u8(r, &kind);
	record_refuse(r, version == VERSION && (kind == CHOICE_ITEM || kind == CHOICE_NONE));
	choice->kind = r->bad ? CHOICE_AUTO : (enum choice_kind)kind;
	record_i64(r, &choice->number);
	record_u32(r, &section);
	choice->section = (int)section;
	record_text(r, &choice->machine);
	record_text(r, &choice->rating_key);
	record_text(r, &choice->path);
	record_text(r, &choice->library_uuid);
	record_text(r, &choice->library);
	record_text(r, &choice->library_type);
	record_refuse(r, kind != CHOICE_ITEM || *choice->rating_key != '\0');
}

void choice_get(struct txn *txn, int64_t scene, struct choice *choice, struct arena *a)
{
	struct bytes value;
	unsigned char key[8];

	*choice = (struct choice){.kind = CHOICE_AUTO};
	if (store_get(txn, QUEUE_CHOICES, record_key(key, scene), &value) == FOUND)
		choice->unreadable = !entry_parse(value, code_choice, choice, sizeof(*choice), a);
}

void choice_put(struct txn *txn, int64_t scene, const struct choice *choice, int64_t now_ms)
{
	struct choice before, after = *choice;
	unsigned char key[8];
	struct arena a;

	arena_init(&a);
	choice_get(txn, scene, &before, &a);
	if (before.kind == CHOICE_ITEM) {
		struct digest name = history_item_name(before.machine, before.rating_key);
		queue_wake(txn, &name, now_ms);
	}
	arena_clear(&a);
	if (choice->kind == CHOICE_AUTO) {
		store_del(txn, QUEUE_CHOICES, record_key(key, scene));
		return;
	}
	after.number = entry_count_up(txn, QUEUE_META, "choices");
	entry_save(txn, QUEUE_CHOICES, record_key(key, scene), code_choice, &after, sizeof(after));
}

bool choice_is(const struct choice *choice, const char *machine, const char *rating_key)
{
	return choice->kind == CHOICE_ITEM && str_eq(choice->machine, machine) &&
	       str_eq(choice->rating_key, rating_key);
}

int64_t choice_number(struct txn *txn, int64_t scene, const char *machine, const char *rating_key)
{
	struct choice choice;
	struct arena a;
	int64_t number;

	arena_init(&a);
	choice_get(txn, scene, &choice, &a);
	number = choice_is(&choice, machine, rating_key) ? choice.number : 0;
	arena_clear(&a);
	return number;
}

void choice_put_history(struct txn *txn, const char *machine, const char *rating_key,
	const struct history *history, int64_t seen, int64_t now_ms)
{
	struct history now, after = *history;
	struct arena a;

	arena_init(&a);
	if (history_get(txn, machine, rating_key, &now, &a) == FOUND && now.owner != seen &&
		now.owner != after.owner &&
		choice_number(txn, now.owner, machine, rating_key) >
			choice_number(txn, after.owner, machine, rating_key)) {
		after.owner = now.owner;
		queue_add(txn, &(struct event){.scene = now.owner, .origin = ORIGIN_HAND}, now_ms);
	}
	arena_clear(&a);
	history_put(txn, machine, rating_key, &after);
}
