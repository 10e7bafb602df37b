/*
 * answers.h - a server that gives answers from a list, one for each request, whatever is
 * asked, and keeps what it was asked.
 */
#ifndef PLEXSYNC_TESTS_UNIT_ANSWERS_H
#define PLEXSYNC_TESTS_UNIT_ANSWERS_H

#include "helpers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define ANSWERS_MOST 16

struct answers {
	const char *const *list; /* bodies of a 200; "!500": that status, and no body */
	size_t count;
	/* Called before the n-th answer (from 0) leaves, and once it has left; or NULL. */
	void (*around)(size_t n, bool sent);
	int listener;
	pthread_t thread;
	char url[64];
	/* Written by the thread; read when it has ended. */
	size_t asked;
	char requests[ANSWERS_MOST][128]; /* their beginnings */
};

/* Reads the head of a request that has no body. */
static inline bool answers_read(int fd, char *request, size_t len)
{
	char buffer[32768];
	size_t used = 0;

	buffer[0] = '\0';
	while (strstr(buffer, "\r\n\r\n") == NULL) {
		ssize_t n = recv(fd, buffer + used, sizeof(buffer) - 1 - used, 0);
		if (n <= 0)
			return false;
		used += (size_t)n;
		buffer[used] = '\0';
	}
	snprintf(request, len, "%.*s", (int)len - 1, buffer);
	return true;
}

static inline void *answers_serve(void *arg)
{
	struct answers *answers = arg;

	while (answers->asked < answers->count) {
		int fd = accept(answers->listener, NULL, NULL);
		if (fd < 0)
			break;
		if (answers_read(fd, answers->requests[answers->asked], 128)) {
			size_t n = answers->asked++;
			const char *body = answers->list[n];
			bool ok = *body != '!';
			if (answers->around != NULL)
				answers->around(n, false);
			dprintf(fd,
				"HTTP/1.1 %s \r\nContent-Type: application/json\r\n"
				"Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
				ok ? "200" : body + 1, ok ? strlen(body) : 0, ok ? body : "");
			if (answers->around != NULL)
				answers->around(n, true);
		}
		close(fd);
	}
	shutdown(answers->listener, SHUT_RDWR); /* whatever else is asked is refused */
	return NULL;
}

/* 'around' may be set before. */
static inline void answers_start(struct answers *answers, const char *const *list, size_t count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	*answers = (struct answers){.around = answers->around};
	answers->list = list;
	answers->count = count;
	answers->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (count > ANSWERS_MOST || bind(answers->listener, (struct sockaddr *)&at, len) != 0 ||
		listen(answers->listener, 16) != 0 ||
		getsockname(answers->listener, (struct sockaddr *)&at, &len) != 0)
		abort();
	snprintf(answers->url, sizeof(answers->url), "http://127.0.0.1:%u", ntohs(at.sin_port));
	if (pthread_create(&answers->thread, NULL, answers_serve, answers) != 0)
		abort();
}

/* Returns how many requests came. */
static inline size_t answers_stop(struct answers *answers)
{
	shutdown(answers->listener, SHUT_RDWR);
	pthread_join(answers->thread, NULL);
	close(answers->listener);
	return answers->asked;
}

#endif
