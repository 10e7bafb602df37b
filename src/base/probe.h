/*
 * probe.h - whether a folder can keep what several processes share.
 *
 * LMDB and our locks need two things of a file system: that a record lock of
 * one process is seen by another, and that what one writes to a shared map or
 * to the file is what another reads. File systems in user space (FUSE) promise
 * neither; many of them do it all the same, so it is tried out.
 */
#ifndef PLEXSYNC_BASE_PROBE_H
#define PLEXSYNC_BASE_PROBE_H

#include <stdbool.h>

/* Tries it out in 'dir', with a child process that ends before this returns
 * and a file that is removed again. False: *lacks says what does not work
 * (a literal). */
bool probe_folder(const char *dir, const char **lacks);

#endif
