/*
 * launch.c - starts programs as Stash starts a plugin, and times them.
 *
 * A process of its own, because the time of a start must not contain what the
 * bench's interpreter does: it reads orders on stdin and answers on stdout.
 *
 *   order:   argc stdin-length sample\n  then argc lines, then the stdin
 *   answer:  status ns user-us system-us max-rss-kb anonymous-kb stdout-length
 *            stderr-length\n  then stdout and stderr
 *
 * The time runs from before the pipes are made until the process was waited
 * for; stdin is written and closed, stdout and stderr are read to their ends.
 * With 'sample' the own (anonymous) memory is looked at every two milliseconds;
 * without it nothing disturbs the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAMPLE_MS 2
#define ARGS	  32
#define ARG_BYTES 4096

extern char **environ;

struct text {
	char *data;
	size_t len, cap;
};

struct order {
	char *argv[ARGS + 1];
	char *input;
	size_t input_len;
	int sample;
};

struct result {
	int status;
	int64_t ns;
	struct rusage usage;
	long anon_kb;
	struct text out, err;
};

static void die(const char *what)
{
	fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* False at the end of the pipe, which is then closed. */
static int take(int fd, struct text *text)
{
	ssize_t n;

	if (text->cap - text->len < 65536) {
		text->cap = text->cap * 2 + 65536;
		text->data = realloc(text->data, text->cap);
		if (text->data == NULL)
			die("realloc");
	}
	n = read(fd, text->data + text->len, text->cap - text->len);
	if (n > 0)
		text->len += (size_t)n;
	if (n > 0 || (n < 0 && errno == EINTR))
		return 1;
	close(fd);
	return 0;
}

/* The peak of RssAnon, by looking often: the kernel keeps one only for the sum
 * with mapped files, and those are the page cache's. */
static void sample(pid_t pid, long *peak_kb)
{
	char path[64], text[4096];
	const char *line;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "RssAnon:");
	if (line != NULL && strtol(line + 8, NULL, 10) > *peak_kb)
		*peak_kb = strtol(line + 8, NULL, 10);
}

static void converse(pid_t pid, const struct order *order, const int fds[3], struct result *result)
{
	struct pollfd polls[3] = {
		{.fd = fds[0], .events = POLLOUT},
		{.fd = fds[1], .events = POLLIN},
		{.fd = fds[2], .events = POLLIN},
	};
	size_t written = 0;

	while (polls[1].fd >= 0 || polls[2].fd >= 0) {
		if (polls[0].fd >= 0 && written == order->input_len) {
			close(polls[0].fd);
			polls[0].fd = -1;
		}
		if (poll(polls, 3, order->sample ? SAMPLE_MS : -1) < 0 && errno != EINTR)
			die("poll");
		if (order->sample)
			sample(pid, &result->anon_kb);
		if (polls[0].fd >= 0 && polls[0].revents != 0) {
			ssize_t n = write(
				polls[0].fd, order->input + written, order->input_len - written);
			/* Nobody reads it: what is left is dropped, as Stash does. */
			written = n < 0 && errno != EAGAIN ? order->input_len
							   : written + (size_t)(n > 0 ? n : 0);
		}
		if (polls[1].fd >= 0 && polls[1].revents != 0 && !take(polls[1].fd, &result->out))
			polls[1].fd = -1;
		if (polls[2].fd >= 0 && polls[2].revents != 0 && !take(polls[2].fd, &result->err))
			polls[2].fd = -1;
	}
	if (polls[0].fd >= 0)
		close(polls[0].fd);
}

static void run(struct order *order, struct result *result)
{
	posix_spawn_file_actions_t actions;
	int in[2], out[2], err[2], fds[3], code;
	int64_t begun = now_ns();
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
		die("pipe");
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
	code = posix_spawn(&pid, order->argv[0], &actions, NULL, order->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (code != 0) {
		errno = code;
		die(order->argv[0]);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	fds[0] = in[1];
	fds[1] = out[0];
	fds[2] = err[0];
	converse(pid, order, fds, result);
	while (wait4(pid, &result->status, 0, &result->usage) < 0 && errno == EINTR)
		;
	result->ns = now_ns() - begun;
}

static int read_order(struct order *order)
{
	static char lines[ARGS][ARG_BYTES];
	size_t argc;

	if (scanf("%zu %zu %d", &argc, &order->input_len, &order->sample) != 3)
		return 0;
	getchar();
	if (argc == 0 || argc > ARGS)
		return 0;
	for (size_t i = 0; i < argc; i++) {
		if (fgets(lines[i], ARG_BYTES, stdin) == NULL)
			return 0;
		lines[i][strcspn(lines[i], "\n")] = '\0';
		order->argv[i] = lines[i];
	}
	order->argv[argc] = NULL;
	order->input = malloc(order->input_len + 1);
	if (order->input == NULL)
		die("malloc");
	return fread(order->input, 1, order->input_len, stdin) == order->input_len;
}

static long long us(struct timeval t)
{
	return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

int main(void)
{
	struct order order;

	signal(SIGPIPE, SIG_IGN);
	while (read_order(&order)) {
		struct result r = {0};
		/* A program that ends with its memory shown as 0 was too quick to be seen. */
		run(&order, &r);
		printf("%d %lld %lld %lld %ld %ld %zu %zu\n", r.status, (long long)r.ns,
			us(r.usage.ru_utime), us(r.usage.ru_stime), r.usage.ru_maxrss, r.anon_kb,
			r.out.len, r.err.len);
		fwrite(r.out.data, 1, r.out.len, stdout);
		fwrite(r.err.data, 1, r.err.len, stdout);
		fflush(stdout);
		free(r.out.data);
		free(r.err.data);
		free(order.input);
	}
	return 0;
}
