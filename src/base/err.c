#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list args;

	err->kind = kind;
	err->party = PARTY_US;
	err->status = 0;
	err->broken = err->told = false;
	err->retry_after_ms = 0;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return false;
}

bool err_context(struct err *err, const char *fmt, ...)
{
	char old[LIMIT_ERR_TEXT];
	va_list args;
	size_t len;
	int n;

	memcpy(old, err->text, sizeof(old));
	va_start(args, fmt);
	n = vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	len = n < 0 ? 0 : (size_t)n;
	if (len + 3 < sizeof(err->text)) /* what does not fit is lost at the end */
		snprintf(err->text + len, sizeof(err->text) - len, ": %.*s",
			(int)(sizeof(err->text) - len - 3), old);
	return false;
}
