/* choose.js - which item of Plex a scene is: the candidates, the search, "leave alone", "forget my choice". */
(function () {
	"use strict";

	const { api, el, useState, useOperation, answered, Act, icon, notice, input, form, say } = window.plexsync;

	function outcome({ scene_id: scene, result, reason, items }) {
		const where = items.map((item) => ` item ${item.key} in ${item.library}`).join(",");
		return `Scene ${scene}: ${say.words(result)}${where}${reason ? `: ${reason}` : ""}`;
	}

	/* An act on one scene; its answer is a sentence. */
	function match(scene, args) {
		return api.run("match", { scene_id: scene, ...args }, "result").then(outcome);
	}

	function sync(scene, args) {
		return api.run("sync-scene", { scene_id: scene, ...args }, "result").then(outcome);
	}

	function evidence(texts = [], word, name, tone) {
		const line = (text) => el("li", icon(name, tone), el("span.sr-only", `${word}: `), text);
		return texts.map(line);
	}

	/* An item that may be chosen. */
	function candidate(item, act, done) {
		const time = item.duration_s && say.duration(item.duration_s);
		const facts = [item.library, item.size && say.size(item.size), time, `item ${item.key}`];
		return el(
			"li.px-item",
			{ key: `${item.key} ${item.path}` },
			el(
				"div",
				item.title && el("div", { dir: "auto" }, item.title),
				el("div.px-path", item.path),
				el("div.text-muted", facts.filter(Boolean).join(" · ")),
				el(
					"ul.px-list",
					...evidence(item.for, "for", "faCheck", "success"),
					...evidence(item.against, "against", "faTimes", "danger"),
				),
			),
			el(Act, { variant: "primary", act, done, "aria-label": `Choose ${item.path}` }, "Choose"),
		);
	}

	function Found({ text, choice }) {
		const found = useOperation("search", { text, limit: 50 }, "items");
		const none = "The library has nothing of that name. Try part of a file's name, or scan it in Plex.";
		const list = ({ items }) => (items.length ? el("ul.px-list", ...items.map(choice)) : notice("secondary", none));
		return answered(found, list, "Searching…");
	}

	/* All of it for one scene. 'done' is called after an act that succeeded. */
	function Choose({ scene, candidates, chosen, done }) {
		const [text, setText] = useState("");
		const act = (verb, args) => el(Act, { act: () => match(scene, args), done }, verb);
		const choice = (item) => candidate(item, () => match(scene, { key: item.key }), done);
		return el(
			"div.px-choose",
			candidates.length > 0 && el("ul.px-list", { "aria-label": "Candidates" }, ...candidates.map(choice)),
			form((given) => setText(given.text), "Search Plex", input("Title or file name in Plex", { name: "text" })),
			text && el(Found, { key: text, text, choice }),
			el("div.px-bar", act("Leave alone", { none: true }), chosen && act("Forget my choice", { auto: true })),
		);
	}

	Object.assign(window.plexsync, { Choose, match, sync });
})();
