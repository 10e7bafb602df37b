/*
 * limits.h - every maximum of the program, each with its reason.
 *
 * Input from outside (Stash, Plex, files, records of another version) is measured against
 * these before it is used. A limit that is hit is an error with a message, never a silent
 * cut.
 */
#ifndef PLEXSYNC_BASE_LIMITS_H
#define PLEXSYNC_BASE_LIMITS_H

/* stdin: a hook's input may contain a cover as base64, several megabytes long. */
#define LIMIT_INPUT_BYTES (64u << 20)

/* Nesting of any JSON text: Stash and Plex stay below 12. The parser recurses,
 * and a thread of musl has a stack of 128 KiB. */
#define LIMIT_JSON_DEPTH 64

/* Answers: a Stash scene with a long cast and a Plex detail are tens of
 * kilobytes; a listing page of LIMIT_PAGE_ITEMS is about one megabyte. */
#define LIMIT_STASH_ANSWER_BYTES (16u << 20)
#define LIMIT_PLEX_ANSWER_BYTES	 (16u << 20)
#define LIMIT_HEADER_BYTES	 1024u

/* Scenes named by one bulk edit. Stash's own pages end at 1,000 scenes; a
 * script may send more. Each costs about 100 bytes of the one commit. */
#define LIMIT_BULK_SCENES 200000u

/* One log line, its prefix and newline included: a single write of up to
 * PIPE_BUF is atomic among the processes that share Stash's pipe, and Stash
 * closes the pipe for good at 64 KiB. */
#define LIMIT_LOG_LINE 4096u

/* Message of one error, with the context that was added on the way up. */
#define LIMIT_ERR_TEXT 768u

/* Secrets that the log masks: token, cookie, API key, each also as read from a file; and the
 * tokens of LIMIT_SERVERS. */
#define LIMIT_SECRETS	  48u
#define LIMIT_SECRET_FILE 4096u

/* Items of a listing page: 200 to 500 is what real servers answer quickly. */
#define LIMIT_PAGE_ITEMS 300u

/* Scenes of a page that Stash lists: a few kilobytes each with a long text. */
#define LIMIT_SCENE_PAGE 200

/* Rows of a list, one after another, that a server refuses (its own 500) or answers with what is
 * not JSON, before another row is asked for to tell whether it fails everywhere. A damaged
 * database does soon; a folder of names that Plex cannot write as JSON can be long. And those
 * after which the list as a whole counts as failed: each costs a request. */
#define LIMIT_ROWS_REFUSED    8u
#define LIMIT_ROWS_UNREADABLE 100u
#define LIMIT_ROWS_LEFT	      1000u

/* Scenes that a drain pushes side by side: their reads share requests, whose answers are some
 * ten kilobytes a scene. "make bench" measures it next to one at a time. */
#ifndef LIMIT_BATCH
#define LIMIT_BATCH 50
#endif

/* What one of them may take of the queue's map, in bytes, before it is done: some pages. */
#define LIMIT_BATCH_ROOM (32u << 10)

/* A server's address, which leaves most of LIMIT_URL_BYTES to the request. */
#define LIMIT_ADDRESS_BYTES 1000u

/* A request's URL: nginx and its kin refuse 8 KB and more. */
#define LIMIT_URL_BYTES 8000u

/* Maps of the two LMDB environments: address space, not memory. Ten million items with
 * a page of text each take 20 to 40 GiB. Where there is so much address space the map has
 * its largest size from the start, and no process ever resizes it under another. On
 * 32 bit, or where the system allows a process less, it begins with room for a bulk edit
 * of LIMIT_BULK_SCENES, and grows. */
#define LIMIT_MAP_BYTES	      ((size_t)512 << 20 << (sizeof(void *) >= 8 ? 7 : 0))
#define LIMIT_MAP_SMALL_BYTES ((size_t)128 << 20)

/* Processes with an open read transaction: every hook of a burst, with room to spare; a
 * full table refuses readers. */
#define LIMIT_READERS 1024u

/* The match cache's pages; then it is cleared. */
#define LIMIT_MATCH_BYTES (50u << 20)

/* How long a hook may keep Stash's Save waiting, with all its requests. */
#define LIMIT_HOOK_MS 1500

/* Requests of a drain or a person's command. A sleeping disk under Plex takes
 * ten seconds, a busy database longer; more than 30 is a server in trouble. */
#define LIMIT_CONNECT_MS 5000
#define LIMIT_REQUEST_MS 30000
#define LIMIT_PAGE_MS	 90000

/* The request that finds out whether a server that answers nonsense to http wants https, or the
 * other way round. A hook may make it. */
#define LIMIT_PROBE_MS 500

/* The request that asks Stash for a drain, made while a hook runs. Local and answered at
 * once: Stash only appends to its list. */
#define LIMIT_ASK_MS 1000

/* An upload over a slow line; Plex refuses pictures above LIMIT_PICTURE_BYTES. A cover in
 * Stash may be larger than that. */
#define LIMIT_UPLOAD_MS	    60000
#define LIMIT_PICTURE_BYTES (10u << 20)
#define LIMIT_COVER_BYTES   (64u << 20)

/* Covers that are in memory at a time while pictures of several scenes are uploaded; the last of
 * them may go beyond. */
#define LIMIT_COVERS_BYTES (16u << 20)

/* Plex closes connections that were idle for 20 s; ours are dropped earlier. */
#define LIMIT_IDLE_S 10

/* Retry of one job: 30 s, doubling to 10 min, 12 times. */
#define LIMIT_BACKOFF_FIRST_MS 30000
#define LIMIT_BACKOFF_MAX_MS   600000
#define LIMIT_ATTEMPTS	       12u

/* After so many attempts that failed at one value alone it is that value's fault: a trouble of
 * Plex's database is over by then. */
#define LIMIT_DOUBTS 3u

/* What Retry-After may ask of us. */
#define LIMIT_RETRY_AFTER_MS (3600 * 1000)

/* How long the index is trusted without asking Plex, and how often a whole library may be
 * read. */
#define LIMIT_INDEX_TRUST_MS	 (3600 * 1000)
#define LIMIT_INDEX_FULL_PASS_MS (3600 * 1000)

/* An item without media that Plex added longer ago than this will hardly get any. */
#define LIMIT_INDEX_EMPTY_MS (3600 * 1000)

/* A drain waits for a Plex that has just gone away: how long after it was first missed, when
 * it looks first (then after twice that time), and the longest pause. A server restarts in 10
 * to 60 s. Meanwhile it looks this often whether another task of Stash waits. */
#define LIMIT_OUTAGE_MS	      120000
#define LIMIT_OUTAGE_FIRST_MS 1000
#define LIMIT_OUTAGE_STEP_MS  10000
#define LIMIT_OUTAGE_TURN_MS  1000

/* Scenes wait for Plex to have their file: a minute after the first began to wait somebody
 * looks, and at the latest an hour after the last look. */
#define LIMIT_LOOK_FIRST_MS 60000
#define LIMIT_LOOK_MOST_MS  (3600 * 1000)

/* Save waited for a slow Plex: a hook that spent this long at Plex was slow, so many in a row
 * let the next ones only queue, for so long. */
#define LIMIT_SLOW_MS	   300
#define LIMIT_SLOW_HOOKS   3
#define LIMIT_SLOW_HOLD_MS 60000

/* How long "a drain was asked for" is trusted before Stash is asked whether the task is
 * still in its queue. */
#define LIMIT_ASKED_TRUST_MS 60000

/* After Plex was away so many scenes are each written after a pause, as long as the one before
 * took and at least LIMIT_GENTLE_PAUSE_MS, that shrinks from one to the next: a server that just
 * started reads its database from a cold disk. A drain that starts within LIMIT_GENTLE_MS
 * after Plex came back is as gentle. */
#define LIMIT_GENTLE_JOBS     50u
#define LIMIT_GENTLE_PAUSE_MS 100
#define LIMIT_GENTLE_MOST_MS  2000
#define LIMIT_GENTLE_MS	      60000

/* Stash runs one task at a time. A drain that has run for this long goes to the end of
 * Stash's queue if another task waits in it; it looks this often. */
#define LIMIT_TURN_MS	   60000
#define LIMIT_TURN_LOOK_MS 10000

/* Setting libraryScanNew: how often the scan of a folder is requested, for how many files
 * a drain waits, how long it waits at its end, how often it looks meanwhile, and when it
 * asks for the folders above. */
#define LIMIT_SCAN_AGAIN_MS  (10 * 60 * 1000)
#define LIMIT_SCANS	     1000u
#define LIMIT_SCAN_WAIT_MS   60000
#define LIMIT_SCAN_LOOK_MS   2000
#define LIMIT_SCAN_PARENT_MS 20000

/* All scenes are checked once a day for edits that fired no hook; if that was cut off,
 * again after an hour. Within LIMIT_SWEEP_RESUME_MS it goes on where it stopped. */
#define LIMIT_SWEEP_MS	      (24 * 3600 * 1000)
#define LIMIT_SWEEP_AGAIN_MS  (3600 * 1000)
#define LIMIT_SWEEP_RESUME_MS (2 * 3600 * 1000)

/* Once a day scenes are tried again of which it was not certain which item they are: Plex may
 * know a file better without its counters saying so. Each reads some items; of more scenes than
 * this the others have their turn on other days. */
#define LIMIT_UNCERTAIN_TRIES 100

/* A Plex database that was put back: how much earlier than its times say a push may be lost,
 * and how many scenes are looked at in one commit. */
#define LIMIT_RESTORED_MARGIN_MS (24 * 3600 * 1000)
#define LIMIT_RESTORED_SCENES	 1000

/* Failed jobs that stay listed; beyond it the oldest go. A scene has one at most, so only a
 * large library that fails as a whole gets here. */
#define LIMIT_FAILED_JOBS 10000u

/* While a setting is wrong, drains are at least this far apart. */
#define LIMIT_SETUP_RETRY_MS 60000

/* How long a bulk edit is remembered: its hooks run one after another, with those of other
 * plugins in between. */
#define LIMIT_BULK_MEMORY_MS (15 * 60 * 1000)
#define LIMIT_BULK_MEMORY    64u

/* Items that one scene may be pushed to; more is an error, not a library. */
#define LIMIT_ITEMS 16u

/* Candidates that are read from the index for one file name. A thousand times "video.mp4"
 * proves nothing. */
#define LIMIT_CANDIDATES 256u

/* Candidates that an answer lists. */
#define LIMIT_CANDIDATES_SHOWN 10u

/* An argument of an operation, which is a name, an address or a few words; and rows of the
 * answers that people look through. */
#define LIMIT_ARG_BYTES 1000u
#define LIMIT_LISTED	100

/* An operation that the page waits for: how long its requests to a server may take in all. */
#define LIMIT_ANSWER_MS 1500

/* Signing in: a request to plex.tv, and its answer; a try whether a server answers at an
 * address; servers and addresses of one account that are tried. */
#define LIMIT_ACCOUNT_MS	   5000
#define LIMIT_ACCOUNT_ANSWER_BYTES (1u << 20)
#define LIMIT_TRY_MS		   1500
#define LIMIT_TRY_ANSWER_BYTES	   (64u << 10)
#define LIMIT_SERVERS		   32u
#define LIMIT_ADDRESSES		   12u

/* What the history keeps of a text for people to read, beside its digest: most titles and
 * names are shorter, most descriptions longer. */
#define LIMIT_REMEMBERED_BYTES 80u

/* A setting that makes a value: it is kept with each item's history. */
#define LIMIT_FORMAT_BYTES 1000u

/* What the journal keeps of one value that a push replaced; a longer one cannot be put back. A
 * description that Plex takes in a URL is shorter than that. */
#define LIMIT_WHOLE_BYTES (64u << 10)

/* An item's time is read before the pictures of a push move it: by so many seconds it may be later,
 * and nobody else has edited it. */
#define LIMIT_PICTURES_S 600

/* The journal: pushes that it keeps, the bytes that they take, and how many of the oldest go with
 * one new one at most. An answer shows this much of one value. */
#define LIMIT_ACTIVITY_ENTRIES 10000
#define LIMIT_ACTIVITY_BYTES   (64u << 20)
#define LIMIT_ACTIVITY_TRIM    256
#define LIMIT_ACTIVITY_SHOWN   4096u

/* A path, as Stash or Plex name it. */
#define LIMIT_PATH_BYTES 4096u

#endif
