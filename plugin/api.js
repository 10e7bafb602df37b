/*
 * api.js - the only file of the page that talks to anybody: to PlexSync's executable through Stash's
 * GraphQL, and to Stash about its jobs, its scenes and our settings.
 *
 * Every function answers with a promise. It fails with an Error whose message is a sentence for people.
 */
(function () {
	"use strict";

	const ID = "plexsync";
	const LIMIT_MS = 60000;
	const OURS = /^Running plugin task: ((Process queue|Sync|Preview|Reconcile|Rebuild library|Retry failed).*)/;

	const OLD =
		'The executable of PlexSync is older than this page and does not know "$1". ' +
		"Update PlexSync under Settings → Plugins, then reload this page.";
	const INSTALL = "Install PlexSync again under Settings → Plugins";

	/* What Stash says when the executable does not answer, and what it means to a person. */
	const SENTENCES = [
		[/args\.mode: "(.*)" is not known/, OLD],
		[
			/fork\/exec .*: (.*)/,
			`Stash cannot start the executable of PlexSync ($1). ${INSTALL}; if that does not help, its folder is on a disk ` +
				"that may not hold programs (mounted noexec).",
		],
		[/nil pointer|no plugin with ID|is disabled/, "PlexSync is disabled. Enable it under Settings → Plugins."],
		[
			/^(signal: .*|exit status \d+)$/,
			"The executable of PlexSync stopped before it answered ($1). Settings → Logs says why; nothing that is queued is lost.",
		],
	];

	function explained(message) {
		for (const [pattern, sentence] of SENTENCES) {
			const found = pattern.exec(message);
			if (found) return new Error(sentence.replace("$1", found[1]));
		}
		return new Error(message);
	}

	/* An HTTP status without an answer of GraphQL. */
	function refused(status) {
		if (status === 401 || status === 403) return new Error("Stash asks for a log-in. Reload this page, and log in.");
		return new Error(`Stash, or a proxy in front of it, answered with HTTP ${status}. Settings → Logs may say why.`);
	}

	/* One request. Stash ends the executable when its request ends: by 'ended', the signal of the view that
	 * asks, or after a minute. */
	async function ask(query, variables, ended) {
		const control = new AbortController();
		let late = false;
		const stop = () => control.abort();
		const limit = setTimeout(() => stop((late = true)), LIMIT_MS);
		if (ended) ended.addEventListener("abort", stop);
		try {
			const response = await fetch(new URL("graphql", document.baseURI), {
				method: "POST",
				headers: { "Content-Type": "application/json", Accept: "application/json" },
				body: JSON.stringify({ query, variables }),
				signal: control.signal,
			});
			const { data, errors } = await response.json().catch(() => ({}));
			if (errors && errors.length) throw explained(errors[0].message);
			if (!response.ok || !data) throw refused(response.status);
			return data;
		} catch (error) {
			if (late) throw new Error("PlexSync did not answer within a minute. Settings → Logs says what it waited for.");
			if (error instanceof TypeError)
				throw new Error("Stash does not answer. Look whether it runs; this page goes on by itself.");
			throw error;
		} finally {
			clearTimeout(limit);
			if (ended) ended.removeEventListener("abort", stop);
		}
	}

	/* An operation of the executable: its output, which has to have this key. */
	async function run(mode, args, key, ended) {
		const query = "mutation ($id: ID!, $args: Map) { runPluginOperation(plugin_id: $id, args: $args) }";
		const { runPluginOperation: output } = await ask(query, { id: ID, args: { mode, ...args } }, ended);
		if (!output || typeof output !== "object") throw new Error(`PlexSync's answer cannot be read. ${INSTALL}.`);
		if (key && !(key in output)) throw new Error(OLD.replace("$1", key));
		return output;
	}

	/* Puts a task into Stash's queue, where it can be seen and stopped. */
	function start(task) {
		const query = "mutation ($id: ID!, $task: String!) { runPluginTask(plugin_id: $id, task_name: $task) }";
		return ask(query, { id: ID, task });
	}

	/* Stash's queue: [{title, ours, running, progress}], the running job first. */
	async function jobs(ended) {
		const { jobQueue } = await ask("{ jobQueue { status description progress } }", {}, ended);
		return (jobQueue || []).map(({ status, description, progress }) => {
			const ours = OURS.exec(description);
			return { title: ours ? ours[1] : description, ours, running: status !== "READY", progress };
		});
	}

	async function read() {
		const { configuration } = await ask("query ($id: ID!) { configuration { plugins(include: [$id]) } }", { id: ID });
		return configuration.plugins[ID] || {};
	}

	/* The address of Plex; no view ever sees the token. */
	async function address() {
		return (await read()).connectUrl || "";
	}

	/* Stash keeps all of a plugin's settings as one value: read, change, write. */
	async function save(changes) {
		const query = "mutation ($id: ID!, $input: Map!) { configurePlugin(plugin_id: $id, input: $input) }";
		await ask(query, { id: ID, input: { ...(await read()), ...changes } });
	}

	/* The scenes that changed last: [{id, title}]. */
	async function recentScenes(count) {
		const query = "query ($filter: FindFilterType) { findScenes(filter: $filter) { scenes { id title } } }";
		const { findScenes } = await ask(query, { filter: { per_page: count, sort: "updated_at", direction: "DESC" } });
		return findScenes.scenes;
	}

	window.plexsync = { api: { run, start, jobs, address, save, recentScenes } };
})();
