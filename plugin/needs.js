/* needs.js - the view "Needs you": scenes that PlexSync does not get into Plex by itself, and what to do. */
(function () {
	"use strict";

	const { el, all, useOperation, useAlive, answered, Act, useQuestion, notice, button, input } = window.plexsync;
	const { sceneLink, say, Choose, match, sync } = window.plexsync;
	const { React } = window.PluginApi;

	const PAGE = 25;
	const PACE_MS = 10000;

	const GROUPS = [
		["decide", "To decide", "Nothing to decide: every scene's item is certain."],
		["failed", "Failed", "No scene failed."],
		["unmatched", "Not in Plex", "Plex has the file of every scene that was pushed."],
	];

	const uncertain = ({ candidates = [] }) => candidates.length > 0;

	/* The rows of the status, by group. */
	function grouped({ failed, retrying, unmatched }) {
		const certain = failed.filter((row) => !uncertain(row));
		return { decide: failed.filter(uncertain), failed: [...certain, ...retrying], unmatched };
	}

	function fits({ title, path, reason, scene_id: id }, words) {
		const text = `${title} ${path} ${reason} ${id}`.toLowerCase();
		return words.every((word) => text.includes(word));
	}

	function Row({ row, reload }) {
		const [open, setOpen] = React.useState(uncertain(row));
		const { scene_id: scene, title, path, reason, attempts, next_try: next, candidates = [] } = row;
		const tries = attempts > 0 && say.plural(attempts, "attempt");
		const act = (text, start) => el(Act, { act: start, done: reload }, text);
		return el(
			"li.px-row",
			el(
				"div.px-head",
				el(
					"div",
					sceneLink(scene, title),
					el("div.px-path", path),
					el("div", reason),
					el("div.text-muted", [tries, next && `next try: ${next}`].filter(Boolean).join(" · ")),
				),
				el(
					"div.px-bar",
					act("Retry", () => sync(scene)),
					button("Choose…", () => setOpen(!open), { "aria-expanded": open }),
					!open && act("Leave alone", () => match(scene, { none: true })),
				),
			),
			open && el(Choose, { scene, candidates, done: reload }),
		);
	}

	/* One row after the other, as long as the view is there. */
	async function forEach(rows, act, progress, alive) {
		let failed = 0;
		for (let done = 0; done < rows.length && alive.current; done += 1) {
			progress(`${done} of ${rows.length}`);
			await act(rows[done].scene_id).catch(() => (failed += 1));
		}
		if (alive.current) progress("");
		const worse = failed && `, ${failed} of them without success: try one of them`;
		return `${say.plural(rows.length, "scene")} done${worse || ""}`;
	}

	/* The acts for all rows that are listed. */
	function ForAll({ rows, reload }) {
		const [progress, setProgress] = React.useState("");
		const [question, ask] = useQuestion();
		const alive = useAlive();
		const each = (verb, title, text, one) => {
			const act = () => forEach(rows, one, setProgress, alive);
			return button(verb, () =>
				ask({ title, text: `${text} It stops when you leave this view.`, verb, act, done: reload }),
			);
		};
		const many = say.plural(rows.length, "scene");
		const leave = 'They are not pushed any more; "Forget my choice" in a scene\'s tab "Plex" takes that back.';
		return all(
			each("Retry all", `Retry ${many}?`, "They are pushed again, one after the other.", sync),
			each("Leave all alone", `Leave ${many} alone?`, leave, (scene) => match(scene, { none: true })),
			el("span", { role: "status" }, progress),
			question,
		);
	}

	function pager(page, pages, go) {
		const step = (text, to) => button(text, () => go(to), { disabled: to < 0 || to >= pages });
		const where = `Page ${page + 1} of ${pages}`;
		return el("nav.px-bar", { "aria-label": "Pages" }, step("Previous", page - 1), where, step("Next", page + 1));
	}

	function Group({ rows, empty, reload }) {
		const [text, setText] = React.useState("");
		const [wished, setPage] = React.useState(0);
		const words = text.toLowerCase().split(/\s+/).filter(Boolean);
		const found = rows.filter((row) => fits(row, words));
		const pages = Math.ceil(found.length / PAGE);
		const page = Math.max(0, Math.min(wished, pages - 1));
		const shown = found.slice(page * PAGE, (page + 1) * PAGE);
		const filter = input("Filter", { type: "search", onChange: (event) => setText(event.target.value) });

		if (!rows.length) return notice("success", empty);
		return all(
			el("div.px-bar", filter, found.length > 1 && el(ForAll, { rows: found, reload })),
			!found.length && notice("secondary", "No row has these words. Empty the filter to see all."),
			el("ul.px-list", ...shown.map((row) => el(Row, { key: row.scene_id, row, reload }))),
			pages > 1 && pager(page, pages, setPage),
		);
	}

	function Groups({ status, reload }) {
		const [wished, setOpen] = React.useState(null);
		const groups = grouped(status);
		const first = GROUPS.find(([key]) => groups[key].length) || GROUPS[0];
		const [open, , empty] = GROUPS.find(([key]) => key === wished) || first;
		const tab = ([key, title]) =>
			button(`${title} (${groups[key].length.toLocaleString()})`, () => setOpen(key), {
				variant: key === open ? "primary" : "secondary",
				"aria-pressed": key === open,
			});
		return all(
			el("div.px-bar", { role: "group", "aria-label": "Which scenes" }, ...GROUPS.map(tab)),
			el(Group, { key: open, rows: groups[open], empty, reload }),
		);
	}

	function Needs() {
		const answer = useOperation("status", {}, "series", () => PACE_MS);
		return answered(answer, (status) => el(Groups, { status, reload: answer.reload }));
	}

	window.plexsync.Needs = Needs;
})();
