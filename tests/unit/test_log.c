/*
 * test_log.c - lines on stderr as Stash reads them. stderr is a packet socket
 * here, so that every write(2) is seen by itself: one per line, 4096 bytes at
 * most, nothing in it that could forge another line or show a secret.
 */
#include "helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#define P(letter) "\x01" letter "\x02"

struct capture {
	int saved, fd;
};

static void capture_start(struct capture *capture)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) != 0)
		abort();
	fflush(stderr);
	capture->saved = dup(STDERR_FILENO);
	dup2(sv[1], STDERR_FILENO);
	close(sv[1]);
	capture->fd = sv[0];
}

/* The next write, NUL-terminated; -1 if there was none. */
static ssize_t capture_next(const struct capture *capture, char *line, size_t size)
{
	ssize_t n = recv(capture->fd, line, size - 1, MSG_DONTWAIT);

	line[n > 0 ? n : 0] = '\0';
	return n;
}

static void capture_end(const struct capture *capture)
{
	dup2(capture->saved, STDERR_FILENO);
	close(capture->saved);
	close(capture->fd);
}

/* The bytes of a single log call; -1 writes nothing, -2 more than once. */
static ssize_t line_of(enum log_level level, const char *text, char line[3 * LIMIT_LOG_LINE])
{
	struct capture capture;
	char more[3 * LIMIT_LOG_LINE];
	ssize_t n;

	capture_start(&capture);
	log_at(level, "%s", text);
	n = capture_next(&capture, line, 3 * LIMIT_LOG_LINE);
	if (capture_next(&capture, more, sizeof(more)) >= 0)
		n = -2;
	capture_end(&capture);
	return n;
}

static void test_lines(void **state)
{
	static const struct {
		const char *name;
		enum log_style style;
		enum log_level least, level;
		const char *text, *line; /* NULL: nothing is written */
	} rows[] = {
		{"trace", LOG_STASH, LOG_TRACE, LOG_TRACE, "x", P("t") "x\n"},
		{"debug", LOG_STASH, LOG_TRACE, LOG_DEBUG, "x", P("d") "x\n"},
		{"info", LOG_STASH, LOG_TRACE, LOG_INFO, "x", P("i") "x\n"},
		{"warning", LOG_STASH, LOG_TRACE, LOG_WARNING, "x", P("w") "x\n"},
		{"error", LOG_STASH, LOG_TRACE, LOG_ERROR, "x", P("e") "x\n"},
		{"below the least level", LOG_STASH, LOG_ERROR, LOG_DEBUG, "x", NULL},
		{"empty", LOG_STASH, LOG_TRACE, LOG_INFO, "", NULL},
		{"newline", LOG_STASH, LOG_TRACE, LOG_INFO, "a\nb", P("i") "a\\x0ab\n"},
		{"a forged line", LOG_STASH, LOG_TRACE, LOG_INFO,
			"a\n\x01"
			"e\x02"
			"b",
			P("i") "a\\x0a\\x01e\\x02b\n"},
		{"carriage return, tab, escape, delete", LOG_STASH, LOG_TRACE, LOG_INFO,
			"\r\t\x1b\x7f", P("i") "\\x0d\\x09\\x1b\\x7f\n"},
		{"percent signs", LOG_STASH, LOG_TRACE, LOG_INFO, "100% %s %n",
			P("i") "100% %s %n\n"},
		{"UTF-8", LOG_STASH, LOG_TRACE, LOG_INFO, "Caf\xc3\xa9 \xf0\x9f\x9a\x80",
			P("i") "Caf\xc3\xa9 \xf0\x9f\x9a\x80\n"},
		{"what is not UTF-8", LOG_STASH, LOG_TRACE, LOG_INFO, "a\xe9 \xe9\x9b\xbb\xe9\x9b",
			P("i") "a\\xe9 \xe9\x9b\xbb\\xe9\\x9b\n"},
		{"terminal: trace", LOG_TERMINAL, LOG_TRACE, LOG_TRACE, "x", "trace: x\n"},
		{"terminal: debug", LOG_TERMINAL, LOG_TRACE, LOG_DEBUG, "x", "x\n"},
		{"terminal: info", LOG_TERMINAL, LOG_TRACE, LOG_INFO, "x", "x\n"},
		{"terminal: warning", LOG_TERMINAL, LOG_TRACE, LOG_WARNING, "x", "warning: x\n"},
		{"terminal: error", LOG_TERMINAL, LOG_TRACE, LOG_ERROR, "x", "error: x\n"},
		{"terminal: below the level", LOG_TERMINAL, LOG_INFO, LOG_DEBUG, "x", NULL},
		{"terminal: at the level", LOG_TERMINAL, LOG_INFO, LOG_INFO, "x", "x\n"},
		{"terminal: empty warning", LOG_TERMINAL, LOG_INFO, LOG_WARNING, "", NULL},
		{"terminal: escape sequence", LOG_TERMINAL, LOG_INFO, LOG_INFO, "\x1b[2J",
			"\\x1b[2J\n"},
	};
	char line[3 * LIMIT_LOG_LINE];
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		log_init(rows[i].style, rows[i].least);
		ssize_t n = line_of(rows[i].level, rows[i].text, line);
		ok &= row_text(rows[i].name, n < 0 ? NULL : line, rows[i].line);
		ok &= row_true(rows[i].name, n != -2);
	}
	log_init(LOG_STASH, LOG_TRACE);
	assert_true(ok);
}

/* U+0080 to U+009F are control characters as well: U+009B begins an escape
 * sequence on many terminals, U+0085 is a line end. */
static void test_c1_controls_are_escaped(void **state)
{
	static const char *const texts[] = {"a\xc2\x9b"
					    "2Jb",
		"a\xc2\x85"
		"b",
		"a\xc2\x80"
		"b"};
	char line[3 * LIMIT_LOG_LINE];
	bool ok = true;

	(void)state;
	log_init(LOG_TERMINAL, LOG_TRACE);
	for (size_t i = 0; i < ROWS(texts); i++) {
		line_of(LOG_INFO, texts[i], line);
		ok &= row_true(texts[i] + 3, strchr(line, '\xc2') == NULL);
	}
	log_init(LOG_STASH, LOG_TRACE);
	assert_true(ok);
}

static void test_named_functions(void **state)
{
	struct capture capture;
	char line[100];
	static const char *const lines[] = {
		P("t") "1 a\n", P("d") "2 b\n", P("i") "3 c\n", P("w") "4 d\n", P("e") "5 e\n"};

	(void)state;
	capture_start(&capture);
	log_trace("%d %s", 1, "a");
	log_debug("%d %s", 2, "b");
	log_info("%d %s", 3, "c");
	log_warning("%d %s", 4, "d");
	log_error("%d %s", 5, "e");
	for (size_t i = 0; i < ROWS(lines); i++) {
		ssize_t n = capture_next(&capture, line, sizeof(line));
		if (n < 0 || strcmp(line, lines[i]) != 0) {
			capture_end(&capture);
			fail_msg("line %zu is wrong", i);
		}
	}
	capture_end(&capture);
}

/* Is the text whole UTF-8? Enough of a check for what this file logs. */
static bool whole_utf8(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
		if (n == 0 || i + n > len)
			return false;
		for (size_t j = 1; j < n; j++) {
			if (((unsigned char)text[i + j] & 0xc0) != 0x80)
				return false;
		}
		i += n;
	}
	return true;
}

/* Long texts of several characters, moved byte by byte over the cut. */
static void test_long_lines(void **state)
{
	static const char *const units[] = {
		"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\x80", "\n"};
	static const enum log_style styles[] = {LOG_STASH, LOG_TERMINAL};
	static char text[3 * LIMIT_LOG_LINE], line[3 * LIMIT_LOG_LINE];
	bool ok = true;

	(void)state;
	for (size_t style = 0; style < ROWS(styles); style++) {
		for (size_t unit = 0; unit < ROWS(units); unit++) {
			for (size_t shift = 0; shift < 8; shift++) {
				size_t len = shift;
				memset(text, 'a', shift);
				while (len + 4 < sizeof(text)) {
					memcpy(text + len, units[unit], strlen(units[unit]));
					len += strlen(units[unit]);
				}
				text[len] = '\0';
				log_init(styles[style], LOG_TRACE);
				ssize_t n = line_of(LOG_INFO, text, line);
				ok &= row_true("one write", n >= 0);
				ok &= row_true(
					"no longer than a line", n <= (ssize_t)LIMIT_LOG_LINE);
				ok &= row_true("no shorter than it must be",
					n > (ssize_t)LIMIT_LOG_LINE - 8);
				ok &= row_true("newline at the end", n > 0 && line[n - 1] == '\n');
				ok &= row_true("whole UTF-8", n > 0 && whole_utf8(line, (size_t)n));
				ok &= row_true("one line",
					n > 0 && memchr(line, '\n', (size_t)n) == line + n - 1);
			}
		}
	}
	log_init(LOG_STASH, LOG_TRACE);
	assert_true(ok);
}

static void test_longest_line_is_not_cut(void **state)
{
	char text[LIMIT_LOG_LINE], line[3 * LIMIT_LOG_LINE];
	size_t len = LIMIT_LOG_LINE - 4; /* prefix and newline */

	(void)state;
	memset(text, 'x', len);
	text[len] = '\0';
	assert_int_equal(line_of(LOG_INFO, text, line), LIMIT_LOG_LINE);
	assert_memory_equal(line + 3, text, len);
}

/* Secrets are announced for good, so these tests come last and use their own. */
static void test_secrets(void **state)
{
	static const struct {
		const char *name, *text, *line;
	} rows[] = {
		{"alone", "s3cr3t-one", P("i") "**********\n"},
		{"inside", "token=s3cr3t-one&x", P("i") "token=**********&x\n"},
		{"twice", "s3cr3t-one s3cr3t-one", P("i") "********** **********\n"},
		{"side by side", "s3cr3t-ones3cr3t-one", P("i") "********************\n"},
		{"another one too", "s3cr3t-one cookieee", P("i") "********** ********\n"},
		{"a short part of it is none", "s3cr3t-", P("i") "s3cr3t-\n"},
		{"its beginning, cut off", "s3cr3t-on", P("i") "*********\n"},
		{"percent-encoded", "s%33cr3t%2Done", P("i") "**************\n"},
		{"percent-encoded and cut off", "%733cr3t%2do!", P("i") "************!\n"},
		{"a percent sign of its own", "x%25y%20z x%2525y z",
			P("i") "********* *********\n"},
		{"case counts", "S3CR3T-ONE", P("i") "S3CR3T-ONE\n"},
		{"too short to be announced", "abc", P("i") "abc\n"},
		{"four characters", "wxyz", P("i") "****\n"},
	};
	char line[3 * LIMIT_LOG_LINE], text[] = "x s3cr3t-one y";
	bool ok = true;

	(void)state;
	log_secret(NULL);
	log_secret("");
	log_secret("abc");
	log_secret("wxyz");
	log_secret("s3cr3t-one");
	log_secret("s3cr3t-one");
	log_secret("cookieee");
	log_secret("x%25y%20z");
	log_secret("x%25y z");
	for (size_t i = 0; i < ROWS(rows); i++) {
		ssize_t n = line_of(LOG_INFO, rows[i].text, line);
		ok &= row_text(rows[i].name, n < 0 ? NULL : line, rows[i].line);
	}
	log_mask(text);
	ok &= row_text("log_mask", text, "x ********** y");
	assert_true(ok);
}

/* A secret that begins before the end of the line and ends behind it. */
static void test_secret_at_the_cut(void **state)
{
	static const char secret[] = "QwErTyUiOpAsDfGhJkLz";
	static char text[2 * LIMIT_LOG_LINE], line[3 * LIMIT_LOG_LINE];
	bool ok = true;

	(void)state;
	log_secret(secret);
	for (size_t at = LIMIT_LOG_LINE - 40; at < LIMIT_LOG_LINE + 4; at++) {
		memset(text, '.', at);
		snprintf(text + at, sizeof(text) - at, "%s%s", secret, " and more");
		line_of(LOG_INFO, text, line);
		if (strpbrk(line + 3, "QwErTyUiOpAsDfGhJkLz") != NULL &&
			strstr(line, "Qw") != NULL) {
			char name[64];
			snprintf(name, sizeof(name), "secret at byte %zu of the text", at);
			ok &= row_true(name, false);
		}
	}
	assert_true(ok);
}

/* One secret is the beginning, or the inside, of another: a key and the cookie
 * that was made of it. None of the longer one may be left. */
static void test_secret_in_secret(void **state)
{
	static const struct {
		const char *name, *first, *second, *text, *left;
	} rows[] = {
		{"the shorter one announced first", "Prefix12", "Prefix12Rest34",
			"a Prefix12Rest34 b", "Rest"},
		{"the longer one announced first", "Head56Tail78", "Head56", "a Head56Tail78 b",
			"Tail"},
		{"inside", "Mid90", "LeftMid90Right", "a LeftMid90Right b", "Right"},
		{"overlapping", "Over1Lap2", "Lap2End3", "a Over1Lap2End3 b", "End3"},
	};
	char line[3 * LIMIT_LOG_LINE];
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		log_secret(rows[i].first);
		log_secret(rows[i].second);
		line_of(LOG_INFO, rows[i].text, line);
		ok &= row_true(rows[i].name, strstr(line, rows[i].left) == NULL);
		ok &= row_true(rows[i].name, strstr(line, " b\n") != NULL);
	}
	assert_true(ok);
}

/* A long drain gets a fresh cookie with every answer of Stash. However many
 * there were, the newest is masked, and what was announced first still is. */
static int run_many_secrets(struct child *parent, void *arg)
{
	char cookie[64], text[128], line[3 * LIMIT_LOG_LINE];

	(void)parent;
	(void)arg;
	log_secret("the-token-of-plex");
	for (int i = 1; i <= 100; i++) {
		snprintf(cookie, sizeof(cookie), "cookie-number-%d-", i);
		log_secret(cookie);
		snprintf(text, sizeof(text), "%s the-token-of-plex", cookie);
		line_of(LOG_INFO, text, line);
		if (strstr(line, "cookie-number") != NULL || strstr(line, "token") != NULL)
			return i;
	}
	return 0;
}

static void test_many_secrets(void **state)
{
	(void)state;
	assert_int_equal(child_run(run_many_secrets, NULL), 0);
}

static void test_hidden_paths(void **state)
{
	(void)state;
	assert_string_equal(log_path("/films/a.mkv"), "/films/a.mkv");
	log_hide_paths(true);
	assert_string_equal(log_path("/films/a.mkv"), "(path hidden)");
	log_hide_paths(false);
	assert_string_equal(log_path("/films/a.mkv"), "/films/a.mkv");
}

static void test_progress(void **state)
{
	struct capture capture;
	char line[100];
	size_t count = 0;
	bool ok = true;

	(void)state;
	capture_start(&capture);
	for (int i = 0; i <= 1000; i++)
		log_progress(i / 1000.0);
	for (;;) {
		ssize_t n = capture_next(&capture, line, sizeof(line));
		if (n < 0)
			break;
		count++;
		ok &= n > 4 && memcmp(line, P("p"), 3) == 0 && line[n - 1] == '\n';
	}
	capture_end(&capture);
	assert_true(ok);
	assert_in_range(count, 2, 5); /* the first, the end, and a few if it was slow */
	assert_string_equal(line, "");

	capture_start(&capture);
	log_progress(1);
	capture_next(&capture, line, sizeof(line));
	capture_end(&capture);
	assert_string_equal(line, P("p") "1.000\n");

	log_init(LOG_TERMINAL, LOG_TRACE);
	capture_start(&capture);
	log_progress(1);
	ssize_t n = capture_next(&capture, line, sizeof(line));
	capture_end(&capture);
	log_init(LOG_STASH, LOG_TRACE);
	assert_int_equal(n, -1);
}

static int run_reader_is_gone(struct child *parent, void *arg)
{
	int ends[2];

	(void)parent;
	(void)arg;
	if (pipe(ends) != 0)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
	log_info("nobody reads this");
	log_progress(0.5);
	log_finish();
	return 0;
}

static void test_reader_is_gone(void **state)
{
	(void)state;
	assert_int_equal(child_run(run_reader_is_gone, NULL), 0);
}

/* Many processes on one pipe: every line arrives whole. */
static int run_writer(struct child *parent, void *arg)
{
	char text[3000];
	const int *number = arg;

	if (!child_hear(parent))
		return 1;
	memset(text, 'a' + *number, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 20; i++)
		log_info("%s", text);
	return 0;
}

static void test_lines_of_several_processes(void **state)
{
	struct child children[4];
	static char all[4 * 20 * 3003 + 1];
	size_t used = 0;
	int ends[2], saved;
	bool ok = true;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	for (int i = 0; i < 4; i++)
		children[i] = child_start(run_writer, &i);
	dup2(saved, STDERR_FILENO);
	close(saved);
	for (int i = 0; i < 4; i++)
		child_tell(&children[i]);
	for (ssize_t n; (n = read(ends[0], all + used, sizeof(all) - 1 - used)) > 0;)
		used += (size_t)n;
	for (int i = 0; i < 4; i++)
		ok &= child_join(&children[i]) == 0;
	close(ends[0]);
	assert_int_equal(used, sizeof(all) - 1);
	for (size_t at = 0; at < used; at += 3003) {
		ok &= memcmp(all + at, P("i"), 3) == 0 && all[at + 3002] == '\n';
		for (size_t j = 4; j < 3002; j++)
			ok &= all[at + j] == all[at + 3];
	}
	assert_true(ok);
}

static int run_finish(struct child *parent, void *arg)
{
	int64_t began;

	(void)arg;
	log_info("the last line");
	began = clock_us();
	log_finish();
	child_tell(parent);
	return clock_us() - began < 1000000 ? 0 : 1;
}

/* Nobody reads: it comes back all the same, and soon. */
static void test_finish_is_bounded(void **state)
{
	struct child child;
	int ends[2], saved;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	child = child_start(run_finish, NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_true(child_hear(&child));
	assert_int_equal(child_join(&child), 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_c1_controls_are_escaped),
		cmocka_unit_test(test_named_functions),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_longest_line_is_not_cut),
		cmocka_unit_test(test_hidden_paths),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_reader_is_gone),
		cmocka_unit_test(test_lines_of_several_processes),
		cmocka_unit_test(test_finish_is_bounded),
		cmocka_unit_test(test_many_secrets), /* in a process of its own */
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_secret_at_the_cut),
		cmocka_unit_test(test_secret_in_secret),
	};

	log_init(LOG_STASH, LOG_TRACE);
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
