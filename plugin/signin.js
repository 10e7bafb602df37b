/*
 * signin.js - signing in to Plex, a part of "Setup": the executable asks plex.tv for a code, a person confirms
 * it there, and the executable keeps the token, which never comes here.
 */
(function () {
	"use strict";

	const { api, el, useState, all, useAnswer, useOperation, answered, Act, notice, outside } = window.plexsync;

	const POLL_MS = 2000;
	const ENDS = {
		expired: "The code was not confirmed in time. Sign in again.",
		refused: "Plex refused the sign-in. Sign in again, with the account that owns the server.",
	};

	/* An address, as it was tried from the machine of Stash. */
	function address({ id, owned }, { url, local, answers, ms, why }, done) {
		const act = () => api.run("signin-use", { server: id, address: url }).then(() => "Signed in.");
		const where = local ? "in your network" : "from outside";
		const how = answers ? `answers in ${Math.round(ms)} ms` : why || "does not answer";
		const use = answers && owned && el(Act, { variant: "primary", act, done }, "Use it");
		return el("li.px-item", el("div.px-path", `${url} (${where}, ${how})`), use);
	}

	function Servers({ done }) {
		const answer = useOperation("signin-servers", {}, "servers");
		const none = "This account has no server. Sign in with the account that owns it.";
		const foreign = "It belongs to another account, and only its owner may edit: sign in as the owner.";
		const server = (one) =>
			all(
				el("h4", one.name),
				!one.owned && el("p.text-muted", foreign),
				el("ul.px-list", ...one.addresses.map((found) => address(one, found, done))),
			);
		const show = ({ servers }) => (servers.length ? all(...servers.map(server)) : notice("warning", none));
		return answered(answer, show, "Trying the addresses of your servers…");
	}

	/* Waits until the code is confirmed. */
	function Waiting({ start, go }) {
		const answer = useAnswer(
			async (ended) => {
				const { state } = await api.run("signin-poll", {}, "state", ended);
				if (state === "done" || ENDS[state]) go({ step: state });
				return state;
			},
			() => POLL_MS,
		);
		const away = answer.data === "away" && " plex.tv does not answer at the moment; this goes on by itself.";
		return all(
			answer.error && notice("danger", answer.error.message),
			notice(
				"info",
				"Confirm the code ",
				el("strong", start.code),
				` on Plex's page, within ${Math.round(start.expires_s / 60)} minutes. If it did not open: `,
				outside(start.url, "open Plex's page"),
				away,
			),
		);
	}

	function SignIn({ reload }) {
		const [now, go] = useState({});
		/* A window that is opened later than in the click is blocked. */
		async function act() {
			const page = window.open("", "_blank");
			try {
				const start = await api.run("signin-start", {}, "url");
				if (page) {
					page.opener = null;
					page.location = start.url;
				}
				go({ step: "waiting", start });
			} catch (error) {
				if (page) page.close();
				throw error;
			}
		}
		const done = () => reload(go({}));
		return all(
			ENDS[now.step] && notice("warning", ENDS[now.step]),
			now.start && el(Waiting, { key: now.start.code, start: now.start, go }),
			now.step === "done" && el(Servers, { done }),
			el("div.px-bar", el(Act, { variant: "primary", act }, "Sign in to Plex")),
		);
	}

	window.plexsync.SignIn = SignIn;
})();
