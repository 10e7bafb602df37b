/*
 * remember.h - a history as the next push finds it: written to its record, and read.
 */
#ifndef PLEXSYNC_TESTS_UNIT_REMEMBER_H
#define PLEXSYNC_TESTS_UNIT_REMEMBER_H

#include "state/history.h"

static inline struct history remember(const struct history *history, struct arena *a)
{
	struct history copy = *history, got = *history;
	struct record out, in;

	record_write(&out, a);
	fields_record(&out, &copy.pushed, NULL);
	fields_record(&out, &copy.seen, &copy.pushed);
	fields_record(&out, &copy.meant, NULL);
	fields_record(&out, &copy.original, NULL);
	fields_record(&out, &copy.previous, &copy.original);
	fields_record(&out, &copy.refused, NULL);
	past_record(&out, &copy.past);
	record_read(&in, record_bytes(&out), a);
	fields_record(&in, &got.pushed, NULL);
	fields_record(&in, &got.seen, &got.pushed);
	fields_record(&in, &got.meant, NULL);
	fields_record(&in, &got.original, NULL);
	fields_record(&in, &got.previous, &got.original);
	fields_record(&in, &got.refused, NULL);
	past_record(&in, &got.past);
	if (!record_ok(&in))
		abort();
	return got;
}

#endif
