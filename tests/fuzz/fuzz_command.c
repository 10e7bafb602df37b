/*
 * fuzz_command.c - the whole command: Stash starts it several times, what it gets
 * from Stash and from Plex is in the input, and its state lasts as long as that.
 *
 * The input is parts, see canned.h; "@i 60000" is one run: its content is what
 * stands on stdin, the number by how many milliseconds the clock is ahead.
 */
#include "canned.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

/* main.c is the only file that is not in the library. */
#define main plexsync_main
int plexsync_main(int argc, char **argv);
#include "main.c"
#undef main

#define RUNS 6

/* What stands where stdin, stdout and stderr are while the command runs. */
static int files[3], kept[3];

/* A damaged store would be left by a jump; here a bad address is a finding. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "handle_segv=2:handle_sigbus=2:handle_abort=1";
}

/* Pauses are not waited for. */
int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

/* --- the state -------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* In memory, if there is such a folder: every commit is written to the disk. */
static const char *make_state(void)
{
	static char dir[512];
	const char *base = getenv("TMPDIR");

	if (base == NULL || *base == '\0')
		base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(dir, sizeof(dir), "%s/plexsync-fuzz-XXXXXX", base);
	if (mkdtemp(dir) == NULL || setenv("PLEXSYNC_STATE", dir, 1) != 0)
		abort();
	return dir;
}

/* Each run is a process of its own, which knows no secret yet. Of many the log
 * keeps the first half for good, and of the others the newest. */
static void forget_secrets(void)
{
	static bool other;
	char name[] = "\x01\x02\x03\x04";

	other = !other;
	name[0] = other ? '\x01' : '\x7f';
	for (unsigned i = 0; i < LIMIT_SECRETS; i++) {
		name[1] = (char)('a' + i);
		log_secret(name);
	}
}

/* --- one run ---------------------------------------------------------------- */

static void open_files(void)
{
	for (int fd = 0; fd < 3; fd++) {
		files[fd] = memfd_create("plexsync", MFD_CLOEXEC);
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		assert(files[fd] >= 0 && kept[fd] >= 0);
	}
	fuzz_report_to(kept[2]);
	/* A small map is faster; a drain looks after every scene whether others wait. */
	setenv("PLEXSYNC_TEST_MAP", "16777216", 1);
	setenv("PLEXSYNC_TEST_HURRY", "1000000", 1);
}

static int next_descriptor(void)
{
	int fd = dup(files[0]);

	close(fd);
	return fd;
}

/* What was written there, NUL-terminated. Free it. */
static char *written(int file)
{
	off_t size = lseek(file, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	assert(text != NULL && pread(file, text, (size_t)size, 0) == (ssize_t)size);
	assert(strlen(text) == (size_t)size);
	return text;
}

static void start(const struct canned_part *run)
{
	static char name[] = "plexsync";
	char *argv[] = {name, NULL}, ahead[24];
	int status, before = next_descriptor();

	snprintf(ahead, sizeof(ahead), "%ld000", run->number);
	setenv("PLEXSYNC_TEST_CLOCK", ahead, 1);
	for (int fd = 0; fd < 3; fd++) {
		assert(ftruncate(files[fd], 0) == 0 && lseek(files[fd], 0, SEEK_SET) == 0);
		dup2(files[fd], fd);
	}
	if (run->len > 0)
		assert(pwrite(files[0], run->at, run->len, 0) == (ssize_t)run->len);
	status = plexsync_main(1, argv);
	for (int fd = 0; fd < 3; fd++)
		dup2(kept[fd], fd);
	assert(status == 0);
	assert(next_descriptor() == before); /* nothing was left open */
}

/* --- what holds for every run ----------------------------------------------- */

/* One document: what is answered, or why it is not. */
static cJSON *check_stdout(const char *text)
{
	cJSON *document = fuzz_json((const uint8_t *)text, strlen(text));
	const cJSON *error;

	assert(cJSON_IsObject(document) && cJSON_GetArraySize(document) == 1);
	error = cJSON_GetObjectItemCaseSensitive(document, "error");
	assert(error ? cJSON_IsString(error) : cJSON_HasObjectItem(document, "output"));
	return document;
}

/* Lines of Stash's log, short enough to be written at once. */
static void check_stderr(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		assert(text[len] == '\n' && len < LIMIT_LOG_LINE);
		assert(len > 3 && text[0] == '\x01' && strchr("tdiwep", text[1]) != NULL);
		assert(text[2] == '\x02');
		for (size_t i = 3; i < len; i++)
			assert((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
		text += len + 1;
	}
}

/* True if the input gives the text away only behind 'mark' in parts of 'kind', and
 * else only in answers that come later. */
static bool is_secret(const char *text, char kind, const char *mark, const char *later)
{
	size_t len = strlen(mark);

	for (size_t i = 0; i < canned.count; i++) {
		const struct canned_part *part = &canned.parts[i];
		const uint8_t *at = part->at, *end = at + part->len;
		bool fits = part->kind == kind && (kind == 'i' || part->number >= 100);
		if (strchr(later, part->kind) != NULL)
			continue;
		while ((at = memmem(at, (size_t)(end - at), text, strlen(text))) != NULL) {
			if (!fits || (size_t)(at - part->at) < len ||
				memcmp(at - len, mark, len) != 0)
				return false;
			at++;
		}
	}
	return true;
}

/* What was used as a secret is in nothing that is written, whoever repeats it. */
static void check_secrets(const char *text)
{
	if (canned.token_sent && is_secret(CANNED_TOKEN, 's', "\"connectToken\":\"", "lmpde"))
		assert(strstr(text, CANNED_TOKEN) == NULL);
	if (canned.cookie_sent && is_secret(CANNED_COOKIE, 'i', "\"Value\":\"", "stlmpde"))
		assert(strstr(text, CANNED_COOKIE) == NULL);
}

static void run_once(const struct canned_part *run)
{
	size_t edits = canned.edits;
	const cJSON *output;
	char *out, *log;
	cJSON *document;

	forget_secrets();
	canned.token_sent = canned.cookie_sent = false;
	start(run);
	out = written(files[1]);
	log = written(files[2]);
	document = check_stdout(out);
	check_stderr(log);
	check_secrets(out);
	check_secrets(log);
	output = cJSON_GetObjectItemCaseSensitive(document, "output");
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(output, "dry_run")))
		assert(canned.edits == edits);
	cJSON_Delete(document);
	free(out);
	free(log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct canned_part *run;
	const char *dir;

	if (kept[2] == 0)
		open_files();
	canned_load(data, size);
	dir = make_state();
	for (int runs = 0; runs < RUNS && (run = canned_next('i')) != NULL; runs++)
		run_once(run);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
