#include "run/request.h"

#include "base/clock.h"

bool request_in_hook(const struct request *request)
{
	return request != NULL && request->deadline_us != 0;
}

struct stash_time request_stash_time(const struct request *request)
{
	struct stash_time time = {.ms = LIMIT_REQUEST_MS};

	if (request_in_hook(request)) {
		int64_t left = (request->deadline_us - clock_us()) / 1000;
		time = (struct stash_time){.ms = left > 0 ? left : 0, .own = true};
	}
	return time;
}

struct plex_time request_plex_time(const struct request *request, int64_t ms)
{
	return (struct plex_time){
		.deadline_us = request != NULL ? request->deadline_us : 0, .request_ms = ms};
}
