/* needs.js - the view "Needs you": scenes that PlexSync does not get into Plex by itself, and what to do. */
(function () {
	"use strict";

	const { api, el, useState, all, useOperation, useAlive, answered, Act, useQuestion, notice, button, input, form } =
		window.plexsync;
	const { sceneLink, say, Choose, match, sync } = window.plexsync;
	const { React } = window.PluginApi;

	const PAGE = 25;
	const MOST = 100;
	const PACE_MS = 10000;

	/* The lists of the status that are shown. */
	const LISTS = [
		["undecided", "To decide", "Nothing to decide: every scene's item is certain."],
		["troubled", "Failed", "No scene failed."],
		["unmatched", "Not in Plex", "Plex has the file of every scene that was pushed."],
	];

	function Row({ row, reload }) {
		const { scene_id: scene, title, path, reason, attempts, next_try: next, candidates } = row;
		const [open, setOpen] = useState(candidates.length > 0);
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
					el("div.text-muted", tries && `${tries} · `, `next try: ${next}`),
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

	/* The scenes of all pages. */
	async function scenesOf(args, found) {
		const scenes = [];
		for (let offset = 0; offset < found; offset += MOST) {
			const { rows } = await api.run("status", { ...args, limit: MOST, offset }, "rows");
			scenes.push(...rows.map((row) => row.scene_id));
		}
		return scenes;
	}

	/* One scene after the other, as long as the view is there. */
	async function forEach(scenes, act, progress, alive) {
		let failed = 0;
		for (let done = 0; done < scenes.length && alive.current; done += 1) {
			progress(`${done} of ${scenes.length}`);
			await act(scenes[done]).catch(() => (failed += 1));
		}
		if (alive.current) progress("");
		const worse = failed ? `, ${failed} of them without success: try one of them` : "";
		return `${say.plural(scenes.length, "scene")} done${worse}`;
	}

	/* The acts for all rows that are found. */
	function ForAll({ args, found, reload }) {
		const [progress, setProgress] = useState("");
		const [question, ask] = useQuestion();
		const alive = useAlive();
		const each = (verb, title, text, one) => {
			const act = async () => forEach(await scenesOf(args, found), one, setProgress, alive);
			return button(verb, () =>
				ask({ title, text: `${text} It stops when you leave this view.`, verb, act, done: reload }),
			);
		};
		const many = say.plural(found, "scene");
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

	function List({ list, empty, changed }) {
		const [{ text, page }, go] = useState({ text: "", page: 0 });
		const args = { list, text, limit: PAGE, offset: PAGE * page };
		const answer = useOperation("status", args, "rows", () => PACE_MS, [text, page]);
		const pages = answer.data ? Math.ceil(answer.data.found / PAGE) : page + 1;
		const reload = () => changed(answer.reload());
		/* The last row of the last page is gone. */
		React.useEffect(() => void (page > 0 && page >= pages && go({ text, page: page - 1 })));
		const filter = form(
			(given) => go({ text: given.text, page: 0 }),
			"Filter",
			input("Words to look for", { name: "text", type: "search" }),
		);
		return answered(answer, ({ rows, found }) =>
			!found && !text
				? notice("success", empty)
				: all(
						filter,
						found > 1 && el("div.px-bar", el(ForAll, { args: { list, text }, found, reload })),
						!found && notice("secondary", "No scene has these words. Empty the filter to see all."),
						el("ul.px-list", ...rows.map((row) => el(Row, { key: row.scene_id, row, reload }))),
						pages > 1 && pager(page, pages, (to) => go({ text, page: to })),
					),
		);
	}

	function Needs() {
		const [wished, setOpen] = useState(null);
		/* The counts alone. */
		const answer = useOperation("status", { limit: 1 }, "needs", () => PACE_MS);
		return answered(answer, ({ needs }) => {
			const first = LISTS.find(([list]) => needs[list]) || LISTS[0];
			const [open, , empty] = LISTS.find(([list]) => list === wished) || first;
			const tab = ([list, title]) =>
				button(`${title} (${needs[list].toLocaleString()})`, () => setOpen(list), {
					variant: list === open ? "primary" : "secondary",
					"aria-pressed": list === open,
				});
			return all(
				el("div.px-bar", { role: "group", "aria-label": "Which scenes" }, ...LISTS.map(tab)),
				el(List, { key: open, list: open, empty, changed: answer.reload }),
			);
		});
	}

	window.plexsync.Needs = Needs;
})();
