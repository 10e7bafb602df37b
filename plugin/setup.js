/* setup.js - the view "Setup": the checks, and the way to the first scene in Plex. */
(function () {
	"use strict";

	const { api, el, useState, all, useAnswer, useOperation, answered, Act, notice, box, input, icon, table } =
		window.plexsync;
	const { details, result, sceneLink, say, SignIn } = window.plexsync;
	const { React, libraries } = window.PluginApi;
	const { Form } = libraries.Bootstrap;

	const LEVELS = {
		ok: ["faCheckCircle", "success", "fine"],
		warning: ["faExclamationTriangle", "warning", "warning"],
		error: ["faTimesCircle", "danger", "error"],
	};

	/* With "use it" where a value is proposed for the setting. */
	function findingRow({ level, text, remedy, setting, value }, reload) {
		const [name, tone, word] = LEVELS[level] || LEVELS.warning;
		const act = () => api.save({ [setting]: value });
		return el(
			"li.px-finding",
			icon(name, tone),
			el(
				"div",
				el("span.sr-only", `${word}: `),
				text,
				el("div.text-muted", remedy),
				setting && el("div.text-muted", "Setting ", el("code", setting)),
				value && el("code", value),
				value && el(Act, { variant: "primary", act, done: reload, className: "ml-2" }, "Use it"),
			),
		);
	}

	/* What is wrong with one stands at its field. */
	function ByHand({ url, findings, reload }) {
		const fields = React.useRef();
		async function act() {
			const { connectUrl, connectToken } = fields.current.elements;
			const token = connectToken.value.trim();
			await api.save({ connectUrl: connectUrl.value.trim(), ...(token && { connectToken: token }) });
			connectToken.value = "";
		}
		function field(name, label, more) {
			const wrong = findings.find(({ setting, level }) => setting === name && level === "error");
			const text = wrong && `${wrong.text}. ${wrong.remedy || ""}`;
			return el(
				Form.Group,
				el("div", label),
				input(label, { name, isInvalid: !!wrong, "aria-describedby": `px-${name}`, ...more }),
				el(Form.Control.Feedback, { type: "invalid", id: `px-${name}` }, text),
			);
		}
		const hidden = { type: "password", autoComplete: "off", placeholder: "As it is" };
		return details(
			"Without signing in: address and token by hand",
			el(
				"form",
				{ ref: fields, onSubmit: (event) => event.preventDefault() },
				field("connectUrl", "Address of Plex, as Stash can reach it", { defaultValue: url }),
				field("connectToken", "Token of the server's owner, or file:PATH", hidden),
				el(Act, { variant: "primary", act, done: reload, type: "submit" }, "Save and check"),
			),
		);
	}

	/* The name, or the number where that is not unique or would not be understood. */
	function listed({ id, title }, rows) {
		const name = (text) => text.trim().toLowerCase();
		const same = rows.filter((row) => name(row.title) === name(title));
		return same.length > 1 || /[",“„«]|^\d+$/.test(title) ? id : title;
	}

	function Libraries({ reload }) {
		const [ticked, setTicked] = useState(null);
		const answer = useOperation("libraries", {}, "libraries");
		return answered(answer, ({ libraries: rows }) => {
			const chosen = ticked || rows.filter((row) => row.chosen).map(({ id }) => id);
			const others = (id) => chosen.filter((one) => one !== id);
			const tick = ({ id, title, type, items }) =>
				el(Form.Check, {
					id: `px-library-${id}`,
					label: `${title} (${type}${items === null ? "" : `, ${say.plural(items, "item")}`})`,
					checked: chosen.includes(id),
					onChange: (event) => setTicked(event.target.checked ? [...chosen, id] : others(id)),
				});
			async function act() {
				const names = rows.filter(({ id }) => chosen.includes(id)).map((row) => listed(row, rows));
				await api.save({ libraryNames: names.join(", ") });
				return "Saved. Scenes in these libraries are pushed from now on.";
			}
			if (!rows.length) return notice("warning", "Plex has no library of films. Make one in Plex, then test again.");
			const disabled = !ticked || !ticked.length;
			return all(...rows.map(tick), el(Act, { act, done: reload, disabled }, "Use these libraries"));
		});
	}

	/* What other plugins' settings become here. */
	function Import({ reload }) {
		const answer = useOperation("import-settings", {}, "from");
		const { from, settings, left } = answer.data || { settings: {} };
		const rows = Object.entries(settings).map(([key, value]) => [key, say.value(value)]);
		if (!rows.length) return null;
		const act = () => api.run("import-settings", { apply: true }).then(() => "The settings are taken over.");
		const done = () => reload(answer.reload());
		return box(
			`Settings of ${from.map(({ name }) => name).join(", ")}`,
			table("Settings to take over", ["Setting", "Value"], rows),
			...left.map(({ from: whose, setting, why }) => el("p.text-muted", `${setting} of ${whose} stays behind: ${why}`)),
			el(Act, { variant: "primary", act, done }, "Take them over"),
		);
	}

	/* What a push would do. */
	function Preview() {
		const [rows, setRows] = useState(null);
		async function act() {
			const found = [];
			setRows(found);
			for (const { id, title } of await api.recentScenes(10)) {
				const { result: how, fields, reason } = await api.run("sync-scene", { scene_id: id, dry_run: true }, "result");
				const what = fields.length ? `would write ${say.words(fields)}` : say.value(reason);
				found.push([sceneLink(id, title), result(how), what]);
				setRows([...found]);
			}
			return found.length ? "" : "Stash has no scenes yet. Scan its library first.";
		}
		const heads = ["Scene", "Result", "What"];
		return all(el(Act, { act }, "Preview ten scenes"), rows && rows.length > 0 && table("Preview", heads, rows));
	}

	/* A finding's section. */
	function place({ about, setting }) {
		const word = `${setting || ""} ${about}`;
		if (/^(connect|tls)| (plex|settings)$/i.test(word)) return "server";
		if (/ librar/i.test(word)) return "libraries";
		return / (scenes|paths)$/.test(word) ? "scenes" : "rest";
	}

	function sections({ findings, url }, reload) {
		const here = (name) => findings.filter((finding) => place(finding) === name);
		const list = (name) => el("ul.px-list", ...here(name).map((finding) => findingRow(finding, reload)));
		const connected = here("server").every(({ level }) => level !== "error");
		const act = () => api.start("Sync all scenes").then(() => "Stash runs it as a task; Overview shows how far it is.");
		const later = el("p.text-muted", "Comes when Plex answers.");
		const first = "It pushes every scene. If it is interrupted, the next one goes on.";
		return all(
			box("1. Plex server", list("server"), el(SignIn, { reload }), el(ByHand, { url, findings, reload })),
			el(Import, { reload }),
			box("2. Libraries", list("libraries"), connected ? el(Libraries, { reload }) : later),
			box("3. Paths and scenes", list("scenes"), connected ? el(Preview) : later),
			connected && box("4. The first run", el("p", first), el(Act, { variant: "primary", act }, "Sync all")),
			box("Everything else", list("rest")),
		);
	}

	function Setup() {
		const answer = useAnswer(async (ended) => {
			const [output, url] = await Promise.all([api.run("doctor", {}, "findings", ended), api.address()]);
			return { ...output, url };
		});
		const again = el("div.px-bar", el(Act, { act: answer.reload }, "Test again"));
		const show = (data) => all(again, sections(data, answer.reload));
		return answered(answer, show, "Checking Stash, Plex, libraries and paths. This takes up to fifteen seconds…");
	}

	window.plexsync.Setup = Setup;
})();
