/* overview.js - the view "Overview": is Plex well, what waits and runs, what was done, and the tasks. */
(function () {
	"use strict";

	const { api, el, all, useAnswer, answered, Act, useQuestion, notice, box, button, icon, sceneLink } = window.plexsync;
	const { plots, say } = window.plexsync;
	const { Link } = window.PluginApi.libraries.ReactRouterDOM;

	const FAST_MS = 2000;
	const SLOW_MS = 10000;

	const PLEX = {
		closed: ["faCheckCircle", "success", "Plex answers."],
		half_open: ["faSyncAlt", "warning", "Plex was away. PlexSync tries whether it is back."],
		open: ["faTimesCircle", "danger", "Plex does not answer. Scenes wait, and go on by themselves; Setup says more."],
	};

	async function ask(ended) {
		const [status, jobs, last] = await Promise.all([
			api.run("status", { limit: 1 }, "needs", ended),
			api.jobs(ended),
			api.run("activity", { limit: 1 }, "entries", ended),
		]);
		return { ...status, jobs, last: last.entries[0] };
	}

	function pace({ drain, queue, jobs }) {
		return drain.state !== "idle" || queue.due > 0 || jobs.some((job) => job.ours) ? FAST_MS : SLOW_MS;
	}

	function numbers(rows) {
		const row = ([name, number]) => el("div", el("dt", name), el("dd", number.toLocaleString()));
		return el("dl", ...Object.entries(rows).map(row));
	}

	function plexBox({ plex, version }) {
		const [name, tone, text] = PLEX[plex.breaker];
		return box(all(icon(name, tone), "Plex"), el("p", text), el("p.text-muted", `PlexSync ${version}`));
	}

	function queueBox({ queue: { ready, waiting, failed } }) {
		const text = say.plural(failed, "scene needs you", "scenes need you");
		const link = failed > 0 && el(Link, { to: "/plugins/plexsync/needs" }, text);
		return box(all(icon("faList"), "Queue"), numbers({ ready, "waiting for Plex": waiting, failed }), link);
	}

	/* [what runs or waits, its progress or null] */
	function doing({ drain, jobs }) {
		const running = jobs.find((job) => job.running);
		if (drain.state === "running" && drain.total > 0)
			return [`${drain.done} of ${say.plural(drain.total, "scene")}`, drain.done / drain.total];
		if (running && running.ours) return [running.title, running.progress];
		if (running && jobs.some((job) => job.ours))
			return [`PlexSync's task waits: Stash is busy with “${running.title}”.`, null];
		return [drain.state === "idle" ? "Nothing is running." : "A task is about to start.", null];
	}

	function runningBox(data) {
		const [text, progress] = doing(data);
		const part = Math.round(100 * progress);
		const width = `${part}%`;
		const now = { role: "progressbar", "aria-label": "Progress", "aria-valuenow": part, style: { width } };
		const bar = el("div.progress", el("div.progress-bar", now, width));
		return box(all(icon("faPlay"), "Running"), el("p", { "aria-live": "polite" }, text), progress !== null && bar);
	}

	function todayBox({ series, last }) {
		const midnight = new Date().setHours(0, 0, 0, 0) / 1000;
		const sum = (key) => series.points.reduce((total, point) => total + (point.t >= midnight ? point[key] : 0), 0);
		const rows = { synced: sum("synced"), unchanged: sum("unchanged"), failed: sum("failed") };
		const how = last && ` (${say.words(last.result)}, ${say.when(last.at)})`;
		const line = last && el("p", "Last: ", sceneLink(last.scene_id, last.title), how);
		return box(all(icon("faCalendarDay"), "Today"), numbers(rows), line);
	}

	function rate({ hits, misses }) {
		return hits + misses ? `${((100 * hits) / (hits + misses)).toFixed(1)}%` : "–";
	}

	function cacheBox({ match_cache: matches, library_cache: { items, ...index } }) {
		const rows = { "matches remembered": rate(matches), "files found in the index": rate(index) };
		return box(all(icon("faDatabase"), "Memory"), numbers({ ...rows, "files in the index": items }));
	}

	function Tasks({ reload }) {
		const [question, confirm] = useQuestion();
		const start = (task) => () => api.start(task).then(() => `Stash runs “${task}” as a task.`);
		const everything = {
			title: "Sync all scenes?",
			text:
				"Every scene that differs from its last push is written to Plex; the first time, that is the whole library. " +
				"“Preview (dry run)” shows it before, in Settings → Logs.",
			verb: "Sync all scenes",
			act: start("Sync all scenes"),
			done: reload,
		};
		const task = (name) => el(Act, { act: start(name), done: reload }, name);
		return el(
			"div.px-bar",
			task("Process queue"),
			button("Sync all scenes…", () => confirm(everything)),
			task("Preview (dry run)"),
			task("Reconcile"),
			question,
		);
	}

	function Overview() {
		const answer = useAnswer(ask, pace);
		const setup = el(Link, { to: "/plugins/plexsync/setup" }, "Setup");
		const first = notice("info", "Nothing was pushed yet. ", setup, " leads to the first scene in Plex.");
		const boxes = [plexBox, queueBox, runningBox, todayBox, cacheBox];
		return answered(answer, (data) =>
			all(
				data.totals.synced + data.totals.failed === 0 && first,
				el(Tasks, { reload: answer.reload }),
				el("div.px-boxes", ...boxes.map((make) => make(data))),
				plots(data),
			),
		);
	}

	window.plexsync.Overview = Overview;
})();
