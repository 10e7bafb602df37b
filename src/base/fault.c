#include "base/fault.h"

#ifdef PLEXSYNC_TESTING

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/* How long the file is now. */
static off_t append(const char *file, const char *what)
{
	char line[FAULT_LINE + 1];
	off_t end;
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		abort();
	snprintf(line, sizeof(line), "%-31.31s\n", what);
	if (write(fd, line, FAULT_LINE) != FAULT_LINE)
		abort();
	end = lseek(fd, 0, SEEK_CUR);
	close(fd);
	return end;
}

void fault_count(const char *variable, const char *what)
{
	const char *file = getenv(variable);

	if (file != NULL)
		append(file, what);
}

void fault_reached(const char *name)
{
	const char *file = getenv("PLEXSYNC_TEST_FAULTS"), *kill_at = getenv("PLEXSYNC_TEST_KILL");
	off_t end;

	if (file == NULL)
		return;
	end = append(file, name);
	if (kill_at != NULL && end / FAULT_LINE == strtol(kill_at, NULL, 10))
		kill(getpid(), SIGKILL);
}

static _Thread_local int transactions;

void fault_open(int change)
{
	transactions += change;
}

void fault_closed(void)
{
	if (transactions != 0)
		abort();
}

#else

/* ISO C wants something in every file. */
typedef int fault_unused;

#endif
