/* parts.js - the parts that several views share, and how values read. */
(function () {
	"use strict";

	const { api } = window.plexsync;
	const { React, libraries, components, hooks } = window.PluginApi;
	const { useState } = React;
	const { Button, Card, Form, Modal, Spinner, Table } = libraries.Bootstrap;
	const { Link } = libraries.ReactRouterDOM;

	const RETRY_MS = 10000;

	const say = {
		size: (bytes) => `${(bytes / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 })} MB`,
		duration: (seconds) => new Date(1000 * seconds).toISOString().slice(11, 19),
		took: (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`),
		when: (at) => new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }),
		plural: (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many || `${one}s`}`,
		/* A value of a field: text, or a list for a set. */
		value(of) {
			if (of === null || of === undefined || of.length === 0) return "–";
			return Array.isArray(of) ? of.join(", ") : String(of);
		},
		/* Names of fields, and words like not_found. */
		words: (names) => [].concat(names).join(", ").replace(/_/g, " "),
	};

	/* React.createElement, with the classes in the name, as in "p.text-muted", and attributes only where
	 * there are some. */
	function el(name, ...rest) {
		const first = rest[0];
		const given = first && first.constructor === Object && !React.isValidElement(first);
		const attributes = given ? rest.shift() : {};
		if (typeof name !== "string") return React.createElement(name, attributes, ...rest);
		const [tag, ...classes] = name.split(".");
		return React.createElement(tag, { className: classes.join(" ") || undefined, ...attributes }, ...rest);
	}

	function all(...children) {
		return el(React.Fragment, ...children);
	}

	/* Asks while the page is seen: {data, error, reload}. 'ask' gets a signal; 'pace' says after how many
	 * milliseconds it is asked again (0, or no 'pace': never). 'data' stays when a later request fails. */
	function useAnswer(ask, pace, keys) {
		const [answer, setAnswer] = useState({});
		const load = React.useRef();
		React.useEffect(() => poll(ask, pace, load, setAnswer), keys || []);
		return { ...answer, reload: () => load.current() };
	}

	/* The same for an operation whose answer has to have this key. */
	function useOperation(mode, args, key, pace, keys) {
		return useAnswer((ended) => api.run(mode, args, key, ended), pace, keys);
	}

	function poll(ask, pace, load, setAnswer) {
		const control = new AbortController();
		const { signal } = control;
		let timer, busy, wanted;

		async function once() {
			const began = Date.now();
			const came = await ask(signal).then(
				(data) => ({ data, error: null }),
				(error) => ({ error }),
			);
			if (signal.aborted) return 0;
			setAnswer((now) => ({ ...now, ...came }));
			const next = pace && (came.error ? RETRY_MS : pace(came.data));
			/* An executable that needs long is asked less often. */
			return next && Math.max(next, 3 * (Date.now() - began));
		}

		async function go() {
			wanted = busy || document.hidden;
			clearTimeout(timer);
			if (wanted) return;
			busy = true;
			const next = await once();
			busy = false;
			if (signal.aborted) return;
			if (wanted) go();
			else if (next) timer = setTimeout(go, next);
		}

		const seen = () => wanted && go();
		load.current = go;
		document.addEventListener("visibilitychange", seen);
		go();
		return () => {
			document.removeEventListener("visibilitychange", seen);
			clearTimeout(timer);
			control.abort();
		};
	}

	/* {current: whether the view is still there}. */
	function useAlive() {
		const alive = React.useRef(true);
		React.useEffect(() => () => void (alive.current = false), []);
		return alive;
	}

	/* An icon of Stash's; the words beside it say the same. */
	function icon(name, tone = "reset") {
		const drawn = { icon: libraries.FontAwesomeSolid[name], className: `ml-0 mr-2 text-${tone}` };
		return components.Icon && drawn.icon && el(components.Icon, drawn);
	}

	/* A sentence that stands alone. */
	function notice(variant, ...children) {
		return el(`div.px-notice.border-${variant}`, { role: variant === "danger" ? "alert" : "status" }, ...children);
	}

	function button(text, onClick, more) {
		return el(Button, { size: "sm", variant: "secondary", onClick, ...more }, text);
	}

	function input(label, more) {
		return el(Form.Control, { className: "text-input", placeholder: label, "aria-label": label, dir: "auto", ...more });
	}

	/* Inputs in a line, and a button for what is done with them. */
	function form(act, verb, ...children) {
		const onSubmit = (event) => {
			event.preventDefault();
			act(Object.fromEntries([...new FormData(event.target)].map(([name, text]) => [name, text.trim()])));
		};
		return el("form.px-bar", { onSubmit, role: "search" }, ...children, button(verb, null, { type: "submit" }));
	}

	function spinner() {
		return el(Spinner, { as: "span", animation: "border", size: "sm", "aria-hidden": true });
	}

	/* Its trouble, and the wait, or what 'show' makes of the data. */
	function answered({ data, error, reload }, show, wait) {
		const waiting = el("p", { role: "status" }, spinner(), " ", wait || "Asking PlexSync, for a minute at most…");
		const trouble = error && notice("danger", error.message, " ", button("Try again", reload));
		return all(trouble, data ? show(data) : !error && waiting);
	}

	/* A button that is busy until its act ends; what that says is shown. Then comes 'done'. */
	function Act({ act, done, children, ...more }) {
		const [busy, setBusy] = useState(false);
		const alive = useAlive();
		const toast = hooks.useToast();

		async function onClick() {
			setBusy(true);
			try {
				const said = await act();
				if (said) toast.success(said);
				if (done) done();
			} catch (error) {
				toast.error(error);
			}
			if (alive.current) setBusy(false);
		}

		return button(all(busy && spinner(), " ", children), onClick, { ...more, disabled: busy || more.disabled });
	}

	/* A question before something large: the dialog, and what asks {title, text, verb, act, done}. */
	function useQuestion() {
		const [asked, ask] = useState(null);
		const onHide = () => ask(null);
		const dialog = ({ done, ...of }) => [
			el(Modal.Header, el(Modal.Title, { id: "px-question", as: "h2" }, of.title)),
			el(Modal.Body, of.text),
			el(
				Modal.Footer,
				button("Cancel", onHide),
				el(Act, { variant: "danger", act: of.act, done: () => done(onHide()) }, of.verb),
			),
		];
		return [asked && el(Modal, { show: true, onHide, "aria-labelledby": "px-question" }, ...dialog(asked)), ask];
	}

	/* A table; the first cell of a row is its name. A wide one scrolls by itself. */
	function table(label, heads, rows) {
		const cell = (content) => el("td", { dir: "auto" }, content);
		const row = ([name, ...cells]) => el("tr", el("th", { scope: "row" }, name), ...cells.map(cell));
		const head = heads.map((text) => el("th", { scope: "col" }, text));
		return el(
			"div.table-responsive",
			{ tabIndex: 0, role: "group", "aria-label": label },
			el(
				Table,
				{ size: "sm", striped: true, className: "px-table" },
				el("thead", el("tr", ...head)),
				el("tbody", ...rows.map(row)),
			),
		);
	}

	function box(title, ...children) {
		return el(Card, { className: "px-box" }, el("h3", title), ...children);
	}

	function details(summary, ...content) {
		return el("details", el("summary", summary), ...content);
	}

	const RESULTS = { synced: "success", undone: "info", not_found: "warning", ambiguous: "warning", failed: "danger" };

	function result(of) {
		return el(`span.badge.border.border-${RESULTS[of] || "secondary"}`, say.words(of));
	}

	function sceneLink(id, title) {
		return el(Link, { to: `/scenes/${id}`, dir: "auto" }, title || `Scene ${id}`);
	}

	function outside(href, text) {
		return href && el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
	}

	Object.assign(window.plexsync, { el, all, useState, useAnswer, useOperation, useAlive, answered, Act, useQuestion });
	Object.assign(window.plexsync, { say, icon, notice, button, input, form, box, table, details });
	Object.assign(window.plexsync, { result, sceneLink, outside });
})();
