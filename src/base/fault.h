/*
 * fault.h - named points at which the crash tests kill the process.
 *
 * FAULT("queue.commit") stands before and after everything that outlives the
 * process: commits, files, requests. Outside of a test build it is nothing. In
 * one, PLEXSYNC_TEST_FAULTS names a file to which every point that is reached
 * appends a line of FAULT_LINE bytes, which puts the points of several processes
 * in one order; PLEXSYNC_TEST_KILL is the number (from 1) of the point at
 * which the process kills itself with SIGKILL.
 *
 * FAULT_COUNT("PLEXSYNC_TEST_TXNS", "queue read") appends such a line to the file
 * that the variable names: for what tests count.
 *
 * FAULT_OPEN(1) and FAULT_OPEN(-1) stand where a transaction begins and ends; FAULT_CLOSED()
 * ends a test build where it is reached while one is open: before a request and a sleep.
 */
#ifndef PLEXSYNC_BASE_FAULT_H
#define PLEXSYNC_BASE_FAULT_H

#define FAULT_LINE 32

#ifdef PLEXSYNC_TESTING
void fault_reached(const char *name);
void fault_count(const char *variable, const char *what);
void fault_open(int change);
void fault_closed(void);
#define FAULT(name)		    fault_reached(name)
#define FAULT_COUNT(variable, what) fault_count(variable, what)
#define FAULT_OPEN(change)	    fault_open(change)
#define FAULT_CLOSED()		    fault_closed()
#else
#define FAULT(name)		    ((void)0)
#define FAULT_COUNT(variable, what) ((void)0)
#define FAULT_OPEN(change)	    ((void)0)
#define FAULT_CLOSED()		    ((void)0)
#endif

#endif
