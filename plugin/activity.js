/* activity.js - the view "Activity": the last pushes, what each changed, and the way to put one or a run back. */
(function () {
	"use strict";

	const { el, all, useState, useOperation, answered, notice, button, input, form, table, details } = window.plexsync;
	const { result, sceneLink, outside, say, Undo } = window.plexsync;
	const { Form } = window.PluginApi.libraries.Bootstrap;

	const PAGE = 50;
	const PACE_MS = 10000;
	const NONE = "Nothing was pushed yet. Save a scene in Stash, and it is listed here.";
	const RESULTS = ["synced", "failed", "ambiguous", "not_found", "undone"];

	function changeRow({ field, before, after, cut }) {
		const shown = (value) => say.value(value) + (cut ? " …" : "");
		return [say.words(field), shown(before), shown(after)];
	}

	function Entry({ entry, whole, reload: done }) {
		const { id, run, title, changes, kept, items, reason } = entry;
		const undo = all(
			el(Undo, { of: { entry: id }, done, label: `Undo the push of ${title}` }, "Undo"),
			whole && el(Undo, { of: { run }, done }, `Undo all of run ${run}`),
		);
		const names = say.words(changes.map((change) => change.field));
		return el(
			"li.px-row",
			el(
				"div.px-head",
				el(
					"div",
					result(entry.result),
					" ",
					sceneLink(entry.scene_id, title),
					el("div.text-muted", `${say.when(entry.at)} · ${say.took(entry.ms)} · run ${run}`),
					kept.length > 0 && el("div", `Left to Plex: ${say.words(kept)}`),
					reason && el("div", reason),
				),
				el(
					"div.px-bar",
					...items.map((item) => outside(item.url, `Open item ${item.key} in ${item.library}`)),
					changes.length > 0 && undo,
				),
			),
			changes.length > 0 &&
				details(`Changed: ${names}`, table("Changes", ["Field", "Before", "After"], changes.map(changeRow))),
		);
	}

	function filterForm(set) {
		const options = RESULTS.map((value) => el("option", { value }, say.words(value)));
		return form(
			set,
			"Filter",
			input("Words in titles and values", { name: "text" }),
			input("Number of a scene", { name: "scene_id", inputMode: "numeric", pattern: "[0-9]*" }),
			el(
				Form.Control,
				{ as: "select", name: "result", className: "input-control", "aria-label": "Result" },
				el("option", { value: "" }, "every result"),
				...options,
			),
		);
	}

	function list(entries, reload) {
		const isFirst = ({ run }, at) => entries.findIndex((entry) => entry.run === run) === at;
		const rows = entries.map((entry, at) => el(Entry, { key: entry.id, entry, whole: isFirst(entry, at), reload }));
		return el("ul.px-list", ...rows);
	}

	/* One page; the newest is asked for again and again. 'ends' has the last entry of each newer page. */
	function Entries({ filter }) {
		const [ends, setEnds] = useState([]);
		const args = { ...filter, limit: PAGE, before: ends[0] };
		const pace = () => (ends.length ? 0 : PACE_MS);
		const answer = useOperation("activity", args, "entries", pace, [ends]);
		const none = Object.keys(filter).length === 0 ? NONE : "Nothing that was done fits. Empty the filter to see all.";
		return answered(answer, ({ entries, more }) =>
			all(
				entries.length ? list(entries, answer.reload) : notice("secondary", none),
				el(
					"div.px-bar",
					ends.length > 0 && button("Newer", () => setEnds(ends.slice(1))),
					more && button("Older", () => setEnds([entries[entries.length - 1].id, ...ends])),
				),
			),
		);
	}

	function Activity() {
		const [filter, setFilter] = useState({});
		/* What is empty does not count. */
		const set = (given) => setFilter(Object.fromEntries(Object.entries(given).filter(([, value]) => value)));
		return all(filterForm(set), el(Entries, { key: JSON.stringify(filter), filter }));
	}

	window.plexsync.Activity = Activity;
})();
