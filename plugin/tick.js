/*
 * tick.js - once a minute, while a page of Stash is open, lets PlexSync look whether a scene is due: after an
 * outage nobody else would wake it.
 *
 * One tab does it for all: the time of the last call is shared through localStorage (the Web Locks API is
 * missing where Stash is used over plain http).
 */
(function () {
	"use strict";

	const LAST = "plexsync.tick";
	const EVERY_MS = 60000;
	const LOOK_MS = 10000;

	function isOurTurn() {
		const now = Date.now();
		const last = Number(localStorage.getItem(LAST)) || 0;
		/* A time in the future was written before the clock was set back. */
		if (last <= now && now - last < EVERY_MS) return false;
		localStorage.setItem(LAST, String(now));
		return true;
	}

	function tick() {
		try {
			if (!isOurTurn()) return;
		} catch {
			return; /* storage is switched off: then a page cannot know of the others */
		}
		window.plexsync.api.run("tick").catch(() => {}); /* the next minute comes */
	}

	setInterval(tick, LOOK_MS);
})();
