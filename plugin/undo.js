/* undo.js - putting a push or a whole run back: it shows what would come back and what stays, then asks. */
(function () {
	"use strict";

	const { api, el, all, Act, useQuestion, say } = window.plexsync;

	/* One scene: the answer is like sync-scene's. */
	function oneScene({ fields, kept }) {
		const stays = kept.length ? ` Changed since, and stays: ${say.words(kept)}.` : "";
		return `What these fields held before comes back: ${say.words(fields) || "none"}.${stays}`;
	}

	function wholeRun({ scenes, undone, kept, failed }) {
		const text = `${say.plural(scenes, "scene")}: in ${undone} comes back what Plex held before`;
		return `${text}, in ${kept} something was changed since and stays, ${failed} cannot be put back.`;
	}

	async function carryOut(what) {
		const output = await api.run("undo", what);
		if (!("scenes" in output)) return `Scene ${output.scene_id}: ${say.words(output.result)}`;
		if (output.scenes > output.undone + output.kept + output.failed)
			return "Stash puts the run back as a task; Overview shows how far it is.";
		return `${say.plural(output.undone, "scene")} put back`;
	}

	/* A button. 'of' is {entry} or {run}; 'done' is called when something was put back. */
	function Undo({ of, done, label, children }) {
		const [question, ask] = useQuestion();
		async function act() {
			const output = await api.run("undo", { ...of, dry_run: true });
			const text = "scenes" in output ? wholeRun(output) : oneScene(output);
			ask({
				title: of.run ? "Undo the whole run?" : "Undo this push?",
				text: `${text} It stays in Plex until Stash changes it again.`,
				verb: "Undo",
				act: () => carryOut(of),
				done,
			});
		}
		return all(el(Act, { act, "aria-label": label }, children), question);
	}

	window.plexsync.Undo = Undo;
})();
