/* scene.js - the tab "Plex" of a scene's page: what Plex holds beside what Stash has, why, and what to do. */
(function () {
	"use strict";

	const { el, all, useState, useOperation, answered, Act, useQuestion, icon, button, table, details } = window.plexsync;
	const { result, outside, say, Choose, Undo, sync } = window.plexsync;

	const VERDICTS = {
		same: ["faCheck", "success", "the same"],
		write: ["faArrowRight", "primary", "goes to Plex"],
		keep: ["faLock", "warning", "Plex's stays"],
		leave: ["faMinus", "muted", "left alone"],
		refused: ["faTimes", "danger", "refused by Plex"],
	};

	/* The item is named where there are several. */
	function row({ key, field, stash, plex, verdict, why }, several) {
		const [name, tone, text] = VERDICTS[verdict] || ["faQuestion", "", verdict];
		const what = all(icon(name, tone), text, verdict !== "same" && el("div.text-muted", why));
		return [say.words(field) + (several ? ` (item ${key})` : ""), say.value(stash), say.value(plex), what];
	}

	function itemLine({ key, library, rule, url }) {
		const how = rule === "chosen" ? "chosen by hand" : `found by ${say.words(rule)}`;
		return el("p", `Item ${key} in library “${library}”, ${how}. `, outside(url, "Open in Plex"));
	}

	/* The last push of this scene, if it changed anything. */
	function LastPush({ id, reload }) {
		const last = useOperation("activity", { scene_id: id, limit: 1 }, "entries");
		const entry = last.data && last.data.entries[0];
		if (!entry || !entry.changes.length) return null;
		const what = entry.result === "undone" ? "the undo" : "the push";
		return el(Undo, { of: { entry: entry.id }, done: reload }, `Undo ${what} of ${say.when(entry.at)}`);
	}

	function Acts({ id, round, verdict, chosen, reload }) {
		const [question, ask] = useQuestion();
		const [open, setOpen] = useState(false);
		const { candidates } = verdict;
		const force = {
			title: "Write Stash's values?",
			text: "Everything that differs is written to Plex, also what was edited there.",
			verb: "Write them",
			act: () => sync(id, { force: true }),
			done: reload,
		};
		const choose = open || candidates.length > 0;
		const settled = () => reload(setOpen(false));
		return all(
			el(
				"div.px-bar",
				el(Act, { variant: "primary", act: () => sync(id), done: reload }, "Sync now"),
				button("Stash's values win…", () => ask(force)),
				button("Choose another item…", () => setOpen(!open), { "aria-expanded": choose }),
				el(LastPush, { key: round, id, reload }),
			),
			choose && el(Choose, { scene: id, candidates, chosen, done: settled }),
			question,
		);
	}

	/* The tab's content; after an act everything is asked for again. */
	function Scene({ id }) {
		const [round, setRound] = useState(0);
		const answer = useOperation("explain", { scene_id: id }, "fields", null, [id, round]);
		const reload = () => setRound((now) => now + 1);
		function show({ verdict, fields, lines, chosen }) {
			/* What both leave empty says nothing. */
			const known = fields.filter((of) => of.verdict !== "same" || say.value(of.stash) !== "–");
			const shown = known.map((of) => row(of, verdict.items.length > 1));
			const words = lines.map((line) => el("li", { dir: "auto" }, line));
			return all(
				el("h2.px-title", "Plex ", result(verdict.result)),
				verdict.reason && el("p", verdict.reason),
				...verdict.items.map(itemLine),
				el(Acts, { id, round, verdict, chosen, reload }),
				shown.length > 0 && table("Fields", ["Field", "Stash", "Plex", "What happens"], shown),
				details("Why, in words", el("ul.px-words", ...words)),
			);
		}
		return el("div.plexsync", answered(answer, show, "Asking Plex about this scene…"));
	}

	window.plexsync.Scene = Scene;
})();
