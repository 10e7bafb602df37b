/*
 * marks.c - see marks.h. QUEUE_META "marks" and the digest of "machine id/uuid" in hexadecimal
 * → version 1, counter, scanned, updated; "edits" and that digest → version 1, compared.
 */
#include "state/marks.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/str.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1
#define NUMBERS 3
#define NAME	(sizeof("marks ") + 2 * DIGEST_BYTES)

/* 'kind': as long as "marks". */
static void name_of(const char *kind, const char *machine, const char *uuid, char name[NAME])
{
	char hex[2 * DIGEST_BYTES + 1];
	struct digest digest;
	struct arena a;

	arena_init(&a);
	digest = digest_text(arena_printf(&a, "%s/%s", machine, uuid));
	digest_hex(&digest, hex);
	snprintf(name, NAME, "%s %s", kind, hex);
	arena_clear(&a);
}

void marks_load(struct txn *txn, const char *machine, const char *uuid, struct marks *marks)
{
	int64_t stored[NUMBERS];
	char name[NAME];

	name_of("marks", machine, uuid, name);
	entry_load_numbers(txn, QUEUE_META, name, VERSION, stored, NUMBERS);
	*marks = (struct marks){stored[0], stored[1], stored[2]};
}

void marks_save(struct txn *txn, const char *machine, const char *uuid, const struct marks *marks)
{
	const int64_t stored[NUMBERS] = {marks->counter, marks->scanned, marks->updated};
	char name[NAME];

	name_of("marks", machine, uuid, name);
	entry_save_numbers(txn, QUEUE_META, name, VERSION, stored, NUMBERS);
}

int64_t marks_compared(struct txn *txn, const char *machine, const char *uuid)
{
	char name[NAME];
	int64_t compared;

	name_of("edits", machine, uuid, name);
	entry_load_numbers(txn, QUEUE_META, name, VERSION, &compared, 1);
	return compared;
}

void marks_save_compared(struct txn *txn, const char *machine, const char *uuid, int64_t compared)
{
	char name[NAME];

	name_of("edits", machine, uuid, name);
	entry_save_numbers(txn, QUEUE_META, name, VERSION, &compared, 1);
}

static bool is_less(int64_t now, int64_t before)
{
	return now > 0 && now < before;
}

bool marks_went_back(const struct marks *before, const struct marks *now, int64_t *since_ms)
{
	bool scanned = is_less(now->scanned, before->scanned);
	bool updated = is_less(now->updated, before->updated);
	int64_t then = 0;

	/* A time that went back is one of before the backup was made. One that did not may be of
	 * a scan since it was put back, which says nothing. */
	if (scanned)
		then = now->scanned;
	if (updated && now->updated > then)
		then = now->updated;
	*since_ms = then * 1000 - LIMIT_RESTORED_MARGIN_MS;
	if (*since_ms < 0)
		*since_ms = 0;
	return scanned || updated || is_less(now->counter, before->counter);
}

static int64_t known(int64_t now, int64_t before)
{
	return now > 0 ? now : before;
}

struct marks marks_after(const struct marks *before, const struct marks *now)
{
	return (struct marks){known(now->counter, before->counter),
		known(now->scanned, before->scanned), known(now->updated, before->updated)};
}
