/* sharing.c - see sharing.h. */
#include "store/sharing.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

#define TRIES  20
#define GAP_MS 50

enum sharing sharing_here(void)
{
	void *head;
	size_t len;

#ifdef PLEXSYNC_TESTING
	const char *number = getenv("PLEXSYNC_TEST_SHARING");
	if (number != NULL)
		return (enum sharing)strtol(number, NULL, 10);
#endif
	/* What the kernel does for a mutex whose holder died; musl asks in the same way. */
	if (syscall(SYS_get_robust_list, 0, &head, &len) != 0)
		return SHARING_ALONE;
#ifdef __GLIBC__
	return SHARING_GLIBC;
#else
	return SHARING_OTHER_LIBC;
#endif
}

static enum lock_name lock_of(int sharing)
{
	return (enum lock_name)(LOCK_SHARING + sharing);
}

/* Under LOCK_OPEN, so that of two that come at once one is the first. */
static bool try_to_join(struct locks *locks, int own)
{
	bool free = true;

	lock_wait(locks, LOCK_OPEN);
	for (int other = 0; other < SHARINGS && free; other++)
		free = other == own || !lock_held(locks, lock_of(other));
	if (free)
		lock_share(locks, lock_of(own));
	lock_release(locks, LOCK_OPEN);
	return free;
}

bool sharing_join(struct locks *locks)
{
	int own = (int)sharing_here();

	for (int i = 0; i < TRIES && !locks->joined; i++) {
		if (i > 0)
			clock_sleep_ms(GAP_MS);
		locks->joined = try_to_join(locks, own);
	}
	locks->alone = own == SHARING_ALONE;
	return locks->joined;
}
