/* verify.h - whether an environment is damaged, which only reading all of it can tell. */
#ifndef PLEXSYNC_STORE_VERIFY_H
#define PLEXSYNC_STORE_VERIFY_H

/* Exit statuses that no child has by accident. */
enum verdict { VERDICT_UNKNOWN = 40, VERDICT_WHOLE, VERDICT_DAMAGED };

/* Reads every entry of every database in a child process, for which a page that cannot be
 * read may be the end. UNKNOWN: there is no child, or it could not open the environment for
 * another reason than its pages (no room in the table of readers). */
enum verdict verify_environment(const char *dir);

#endif
