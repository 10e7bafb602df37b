/* plots.js - the plots of the overview, as SVG. Each says the same in a sentence, for those who cannot see it. */
(function () {
	"use strict";

	const { el, say } = window.plexsync;

	const [WIDTH, HEIGHT] = [420, 180];
	const [LEFT, RIGHT, TOP, BOTTOM] = [48, 4, 26, 24];
	const WEEK_S = 7 * 86400;

	/* The next of 1, 2, 5, 10, 20 … that is not smaller. */
	function round(most) {
		const power = 10 ** Math.floor(Math.log10(most));
		return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most);
	}

	/* Where a time and a value of these points are drawn. */
	function scales(points, value) {
		const begin = Date.now() / 1000 - WEEK_S;
		const most = round(Math.max(2, ...points.map(value)));
		const x = (t) => LEFT + (Math.max(0, t - begin) / WEEK_S) * (WIDTH - LEFT - RIGHT);
		const y = (v) => HEIGHT - BOTTOM - (v / most) * (HEIGHT - TOP - BOTTOM);
		return { begin, most, x, y };
	}

	function hour(t) {
		return new Date(t * 1000).toLocaleString(undefined, { weekday: "long", hour: "numeric", minute: "2-digit" });
	}

	/* Three levels, and the days from their first moment in the reader's time. */
	function axes({ begin, most, x, y }, unit) {
		const marks = [0, most / 2, most].flatMap((value) => [
			el("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
			el("text", { x: LEFT - 6, y: y(value) + 4, textAnchor: "end" }, value.toLocaleString()),
		]);
		for (let day = 1; day <= 7; day += 1) {
			const date = new Date(begin * 1000);
			date.setHours(24 * day, 0, 0, 0);
			const at = x(date / 1000);
			const name = date.toLocaleDateString(undefined, { weekday: "short" });
			marks.push(el("line", { x1: at, x2: at, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }));
			if (at < WIDTH - 30) marks.push(el("text", { x: at + 3, y: HEIGHT - 6 }, name));
		}
		return el("g.px-axes", el("text", { x: 0, y: 12 }, unit), ...marks);
	}

	/* 'text' says all that the drawing does; 'legend' has a meaning for each colour. */
	function figure(title, text, legend, height, ...drawing) {
		const key = (meaning, n) => el("li", el(`span.px-key.px-c${n % 5}`, { "aria-hidden": true }), meaning);
		return el(
			"figure.px-plot",
			el("h3", title),
			el("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": text }, ...drawing),
			el("ul.px-legend", ...legend.map(key)),
			el("figcaption", text),
		);
	}

	function greatest(points, value) {
		return points.reduce((most, point) => (value(point) > value(most) ? point : most));
	}

	function pushes(points, bucket) {
		const pushed = (point) => point.synced + point.failed;
		const scale = scales(points, pushed);
		const width = Math.max(1, ((WIDTH - LEFT - RIGHT) * bucket) / WEEK_S - 1);
		const bar = (n, t, from, to) =>
			el(`rect.px-c${n}`, { x: scale.x(t), y: scale.y(to), width, height: scale.y(from) - scale.y(to) });
		const sum = (of) => points.reduce((total, point) => total + of(point), 0);
		const best = greatest(points, pushed);
		const text =
			`${say.plural(sum(pushed), "push", "pushes")} in the last seven days, ${sum((point) => point.failed) || "none"} ` +
			`of them failed. The busiest hour was ${hour(best.t)}, with ${pushed(best).toLocaleString()}.`;
		const bars = points.flatMap((point) => [
			bar(0, point.t, 0, point.synced),
			bar(1, point.t, point.synced, pushed(point)),
		]);
		return figure("Pushes", text, ["synced", "failed"], HEIGHT, axes(scale, "per hour"), ...bars);
	}

	/* A line between hours that follow each other, and a dot for one that is alone. */
	function line(points, of, n, { x, y }, bucket) {
		const joined = (at) => at > 0 && points[at].t - points[at - 1].t === bucket;
		const path = points.map((at, i) => `${joined(i) ? "L" : "M"}${x(at.t + bucket / 2)} ${y(at[of])}h0`);
		return el(`path.px-c${n}`, { d: path.join("") });
	}

	function times(points, bucket) {
		const scale = scales(points, (point) => point.p95);
		const last = points[points.length - 1];
		const worst = greatest(points, (point) => point.p95);
		const text =
			`In the last hour with pushes, half of them took at most ${say.took(last.p50)}, and 95 of 100 at most ` +
			`${say.took(last.p95)}. The slowest hour was ${hour(worst.t)}, with ${say.took(worst.p95)} for 95 of 100.`;
		const lines = ["p50", "p95"].map((of, n) => line(points, of, n, scale, bucket));
		const legend = ["half of them (p50)", "95 of 100 (p95)"];
		return figure("How long a push takes", text, legend, HEIGHT, axes(scale, "milliseconds"), ...lines);
	}

	/* How the time of pushes divides: 'of' is {name: milliseconds}. */
	function steps(of) {
		const sum = Object.values(of).reduce((total, ms) => total + ms, 0);
		const parts = Object.entries(of).filter(([, ms]) => ms > sum / 200);
		parts.sort((a, b) => b[1] - a[1]);
		const shares = parts.map(([name, ms]) => `${say.words(name)} ${Math.round((100 * ms) / sum)}%`);
		let x = 0;
		const bars = parts.map(([, ms], n) => {
			const width = (ms / sum) * WIDTH;
			x += width;
			return el(`rect.px-c${n % 5}`, { x: x - width, y: 0, width, height: 28 });
		});
		const text = `Of the time of all pushes: ${shares.join(", ")}.`;
		return sum > 0 && figure("Where the time of a push goes", text, shares, 28, ...bars);
	}

	/* All that the status has numbers for. */
	function plots(status) {
		const { bucket_s: bucket, points } = status.series || { points: [] };
		const pushed = points.filter((point) => point.synced + point.failed > 0);
		const timed = points.filter((point) => point.p95 > 0);
		return el(
			"div.px-plots",
			pushed.length > 0 && pushes(pushed, bucket),
			timed.length > 0 && times(timed, bucket),
			status.steps && steps(status.steps),
		);
	}

	window.plexsync.plots = plots;
})();
