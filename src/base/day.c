#include "base/day.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

/* The number that these digits are; -1 if they are not. */
static int number(const char *digits, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		value = 10 * value + digits[i] - '0';
	}
	return value;
}

static bool exists(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	/* What Go, which Stash and others are written in, makes of no date at all. */
	if (year < 1 || (year == 1 && month == 1 && day == 1))
		return false;
	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

const char *day_of(const char *text, struct arena *a)
{
	const char *date = str_trim(a, text);
	size_t len = strlen(date);
	int year, month = 1, day = 1;

	if (len == 0)
		return "";
	if (len >= 16 && strchr("Tt ", date[10]) != NULL && number(date + 11, 2) >= 0 &&
		date[13] == ':' && number(date + 14, 2) >= 0)
		len = 10;
	if ((len != 4 && len != 7 && len != 10) || (len >= 7 && date[4] != '-') ||
		(len == 10 && date[7] != '-'))
		return NULL;
	year = number(date, 4);
	if (len >= 7)
		month = number(date + 5, 2);
	if (len == 10)
		day = number(date + 8, 2);
	return exists(year, month, day) ? arena_printf(a, "%04d-%02d-%02d", year, month, day)
					: NULL;
}
