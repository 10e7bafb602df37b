#!/bin/sh
# In the package this is called plexsync: what Stash starts after an installation or an update.
# It puts the executable for this processor in its own place, so that from the next start on
# there is no shell in between, and then becomes it. Where the folder cannot be written, or has
# no room, it stays, and only starts the executable.
#
# POSIX and nothing else: it has to run in busybox.

# Says what is wrong: to Stash as the one document that it expects, to a person as text.
fail() {
	if [ "$arguments" -gt 0 ]; then
		printf 'plexsync: %s\n' "$1" >&2
		exit 1
	fi
	cat >/dev/null # Stash is still writing
	case $1 in
	*[\\\"[:cntrl:]]*) set -- "it does not start; at a terminal, plexsync --version says why" ;;
	esac
	printf '{"error":"PlexSync: %s"}' "$1"
	exit 0
}

# What it answers to --version, with what the shell says if it crashes.
answer() {
	{ PLEXSYNC_LAUNCHER=1 "$1" --version </dev/null || echo "(exit status $?)"; } 2>&1
}

starts() {
	case $(answer "$1") in
	"plexsync "*) true ;;
	*) false ;;
	esac
}

# No other process was started by this name. The system opens a script twice, to see which shell
# it wants and in that shell: who is in between must not find an executable the second time.
alone() {
	for process in /proc/[0-9]*; do
		[ "$process" != "/proc/$$" ] || continue
		words=
		{ IFS= read -r words <"$process/cmdline"; } 2>/dev/null
		case $words in
		*"$self"*) return 1 ;;
		esac
	done
}

# Nobody ever sees half a file: it is renamed when it is whole, and works. The comparison also
# finds an update that replaced the executable meanwhile. Whoever is not alone leaves all this
# to a later call.
settle() {
	fresh=$here/.plexsync.$$
	trap 'rm -f "$fresh"' EXIT
	trap 'exit 1' HUP INT TERM
	cp "$1" "$fresh" 2>/dev/null && chmod 755 "$fresh" && starts "$fresh" &&
		cmp -s "$1" "$fresh" && alone && mv -f "$fresh" "$self" 2>/dev/null
	settled=$?
	rm -f "$fresh"
	# Of one that was killed. Who loses a file that he is at work on does without.
	[ $settled -ne 0 ] || rm -f "$here"/.plexsync.[0-9]*
	trap - EXIT HUP INT TERM
	return $settled
}

# Asked by itself: the executable's file holds this script.
[ -z "${PLEXSYNC_LAUNCHER:-}" ] || exit 1

arguments=$#
self=$0
[ ! -h "$self" ] || self=$(readlink -f "$self")
case $self in
*/*) here=${self%/*} ;;
*) here=. self=./$self ;;
esac

system=$(uname -s) machine=$(uname -m)
[ "$system" = Linux ] ||
	fail "the package is for Linux, and this is $system"
case $machine in
x86_64 | amd64) fitting="x86_64" ;;
aarch64 | arm64) fitting="aarch64" ;;
armv7* | armv8*) fitting="armv7 armv6" ;;
armv6*) fitting="armv6" ;;
*) fail "the package has executables for x86_64, aarch64, armv7 and armv6, and this processor is $machine: build PlexSync from its source" ;;
esac

for name in $fitting; do
	program=$here/bin/plexsync-$name
	[ -f "$program" ] || continue
	if settle "$program"; then
		export PLEXSYNC_SETTLED=1 # what was edited during the update is looked for
		exec "$self" "$@"
	fi
	[ -x "$program" ] || chmod 755 "$program" 2>/dev/null
	starts "$program" && exec "$program" "$@"
	found=$program
done
[ -n "${found:-}" ] ||
	fail "$here/bin/plexsync-${fitting%% *} is missing: uninstall PlexSync in Stash, and install it again"
noexec="if its folder is mounted noexec, move Stash's plugins folder to a disk that may hold programs"
[ -x "$found" ] ||
	fail "$found may not be executed: chmod +x it; $noexec"
fail "$found does not start: $(answer "$found" | tr -cd '[:print:]' | cut -c1-200); $noexec"
