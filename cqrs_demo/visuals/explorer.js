// The explorer: one recorded run, many views of it, one cursor. First it reads a recording (pure
// functions, tested with node), then it draws. Every text of a recording goes in as a text node or an
// attribute, never as markup, style, id or class.

import {
	RUNGS, area, clamp, complain, cut, drawLadder, dress, entries, extras, fill, finite, glyph, h, host, list,
	long, looks, picture, plural, roleOf, s, say, set, stage, text,
} from "./stage.js";

const PANELS = { // role, glyph, title, note, what an empty one says, its place
	write: ["aggregate", "save", "Write tables", "normalized", "No rows yet."],
	outbox: ["event", "event", "Outbox", "same database", "Nothing waits.", "outbox"],
	bus: ["event", "event", "Bus", "in transit", "Nothing travels.", "event_bus"],
	read: ["read", "answer", "Read documents", "denormalized", "No documents yet.", "read_store"],
};

// ---- reading a recording (pure)

// Check and complete a recording: { recording } or { problem }.
export function readRecording(raw) {
	let data = raw;
	try {
		if (typeof raw === "string") data = JSON.parse(raw);
	} catch { /* said below */ }
	if (data?.format !== "cqrs-demo/recording") return { problem: "This is not a recording of cqrs_demo." };
	if (data.version !== 1)
		return { problem: `This recording has version ${cut(text(data.version), 20)}, the explorer reads 1. Record it again, or update.` };
	let end = 0, lane = null, pending = null; // lane: which of two lines; pending: what the client awaits
	const steps = list(data.steps).map((step, i) => {
		const [kind, name] = [text(step.kind), text(step.name)];
		if (step.source === "client" && /^(command|query)$/.test(kind)) {
			lane = kind === "query" ? "ask" : "send";
			pending = { lane, name };
		}
		if (step.target === "client") pending = null;
		return { ...step, n: i + 1, first: i + 1, last: i + 1, kind, name, lane, pending,
			scene: text(step.scene), note: text(step.note) };
	});
	const folds = list(data.folds).filter(({ first, last }) =>
		finite(first, last) && end < first && first < last && last <= steps.length && (end = last));
	// Recordings with the same `drawn` look the same, but for what happens in them.
	const drawn = JSON.stringify([data.map, data.architecture, entries(data.initial).map(([panel, tables]) => entries(tables)[0] && panel)]);
	return { recording: { ...data, steps, folds, map: readMap(data.map), drawn,
		title: text(data.title) || "A recorded run", architecture: text(data.architecture) } };
}

function readMap(map) {
	if (!map || typeof map !== "object") return null;
	const box = (b) => (Array.isArray(b) && b.length === 4 && finite(...b) ? b : null);
	const placed = (thing) => thing && finite(thing.x, thing.y, thing.w, thing.h);
	return {
		nodes: new Map(entries(map.nodes).filter(([, node]) => placed(node))
			.map(([id, node]) => [id, { ...node, label: text(node.label) || id, sub: text(node.sub) }])),
		edges: list(map.edges).map((edge) => ({ ...edge, points: points(edge.path) })).filter((edge) => edge.points),
		bands: list(map.bands).filter(placed), frame: box(map.frame), gauge: box(map.gauge),
	};
}

// The corners of an SVG path of M, L, H and V; null for any other path.
export function points(path) {
	if (!/^M[-\d.,\sLHV]+$/.test(path)) return null;
	const found = [];
	for (const [, letter, rest] of path.matchAll(/([MLHV])([^MLHV]*)/g)) {
		const [a, b] = (rest.match(/-?[\d.]+/g) ?? []).map(Number);
		const [x, y] = found.at(-1) ?? [];
		found.push(letter === "H" ? [a, y] : letter === "V" ? [x, a] : [a, b]);
	}
	return found.length > 1 && finite(...found.flat()) ? found : null;
}

// The way of a message over at most `limit` edges, as { legs, points }. One line serves both
// directions; `lane` chooses between two that join the same places. No edges: a straight line.
export function route(map, source, target, lane = null, limit = 2) {
	let paths = map && source !== target ? [{ place: source, legs: [] }] : [];
	for (let length = 1; length <= limit; length++) {
		paths = paths.flatMap(({ place, legs }) => map.edges.flatMap((edge, index) => {
			const forward = edge.source === place;
			if (legs.some((leg) => leg.edge === index) || !forward && edge.target !== place) return [];
			return { place: forward ? edge.target : edge.source, legs: [...legs, { edge: index, forward }] };
		}));
		const there = paths.filter(({ place }) => place === target);
		const best = there.find(({ legs }) => legs.every(({ edge }) => (map.edges[edge].call ?? lane) === lane)) ?? there[0];
		if (best) return { legs: best.legs, points: best.legs.flatMap(({ edge, forward }) =>
			forward ? map.edges[edge].points : [...map.edges[edge].points].reverse()) };
	}
	const ends = source === target ? [] : [source, target].map((id) => map?.nodes.get(id));
	return { legs: [], points: ends.every(Boolean) ? ends.map(({ x, y }) => [x, y]) : [] };
}

// Where one is after so many pixels along the points.
export function pointAt(line, distance) {
	let length = 0, found = null;
	for (let i = 1; i < line.length; i++) {
		const [[ax, ay], [bx, by]] = [line[i - 1], line[i]];
		const here = Math.hypot(bx - ax, by - ay), part = here && clamp((distance - length) / here, 0, 1);
		length += here;
		if (distance <= length || i === line.length - 1)
			found ??= { x: ax + part * (bx - ax), y: ay + part * (by - ay), vertical: ax === bx };
	}
	return { ...found, length };
}

// The state after n steps: Map panel -> Map table -> Map key -> row. Every 20th is kept, so
// that a jump folds at most 20 steps; what did not change is shared.
export function history({ initial, steps }, every = 20) {
	const kept = [apply(new Map(), initial)];
	let last = { n: 0, state: kept[0] };
	return (wanted) => {
		const n = clamp(wanted, 0, steps.length);
		let i = Math.min(kept.length - 1, Math.floor(n / every)) * every, state = kept[i / every];
		if (last.n > i && last.n <= n) ({ n: i, state } = last);
		while (i < n) {
			state = apply(state, steps[i++].changes);
			if (i % every === 0) kept[i / every] ??= state;
		}
		last = { n, state };
		return state;
	};
}

function apply(state, changes) {
	const next = new Map(state);
	for (const [panel, tables] of entries(changes)) {
		const now = new Map(next.get(panel));
		for (const [table, rows] of entries(tables)) {
			const kept = new Map(now.get(table));
			for (const [key, row] of entries(rows)) {
				if (row === null || panel === "screen") kept.delete(key); // the newest answer comes last
				if (row !== null) kept.set(key, row);
			}
			now.set(table, kept);
		}
		next.set(panel, now);
	}
	return next;
}

const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);
export const fieldsOf = (row) => (row && typeof row === "object" ? row : { value: row });

// The rows of a table, before and after, with a mark: ~ + − or none.
export function diff(before = new Map(), after = new Map()) {
	return [...new Set([...before.keys(), ...after.keys()])].map((key) => {
		const [old, row] = [before.get(key) ?? null, after.get(key) ?? null];
		const mark = row === null ? "−" : old === null ? "+" : same(old, row) ? "" : "~";
		const [a, b] = [fieldsOf(old), fieldsOf(row)];
		const fields = mark === "~" ? Object.keys({ ...a, ...b }).filter((f) => !same(a[f], b[f])) : [];
		return { key, row: row ?? old, old, mark, fields: new Set(fields) };
	});
}

// What is shown as one step each: steps, and those folds that nobody has unfolded.
export function displayed({ steps, folds }, unfolded = new Set()) {
	const folded = folds.filter(({ first }) => !unfolded.has(first));
	return steps.flatMap((step) => {
		const fold = folded.find(({ first, last }) => first <= step.n && step.n <= last);
		if (!fold) return step;
		if (step.n < fold.last) return [];
		const within = steps.slice(fold.first - 1, fold.last);
		return { ...step, ...fold, fold, call: within[0].call, code: within.findLast((each) => each.code)?.code,
			name: text(fold.name), note: text(fold.note), scene: text(fold.scene), kind: text(fold.kind),
			payload: (within.find((each) => each.kind === "event") ?? step).payload };
	});
}

// What travels: PlaceOrder(order_id="o-7"), 6 OrderPlaced(...), or a row's fields.
export function readable(payload) {
	if (Array.isArray(payload)) return payload.map(readable).join("\n") || "[]";
	if (!payload || typeof payload !== "object") return text(payload) || "nothing";
	const nested = ([, value]) => value && typeof value === "object" && !Array.isArray(value);
	const call = ([name, fields]) => `${name}(${entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value).replace(/\.0+Z"/, 'Z"')}`).join(", ")})`;
	const event = payload.position !== undefined && entries(payload).find(nested);
	if (event) return `${payload.position} ${call(event)}`;
	return entries(payload).map((each) => (nested(each) ? call(each) : `${each[0]}: ${brief(each[1])}`)).join("\n");
}

// A value in a cell: nested ones as their parts, times to the minute.
export function brief(value) {
	if (Array.isArray(value)) return value.map(brief).join("; ") || "none";
	if (value && typeof value === "object") return Object.values(value).map(brief).join(" · ");
	return text(value ?? "–").replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*(Z|\+00:00)$/, "$1 $2");
}

// An answer in a word or two.
export function summary(answer) {
	if (Array.isArray(answer)) return answer.length ? plural(answer.length, "row") : "no rows";
	if (!answer || typeof answer !== "object") return text(answer).split(":")[0] || "nothing";
	const [first, second] = Object.values(answer);
	return `${brief(first)} ${brief(answer.status ?? second ?? "")}`;
}

// How far behind the documents are.
export function staleness(state) {
	const checkpoints = state.get("checkpoints");
	const written = checkpoints?.get("log")?.get("written")?.position ?? 0;
	const projections = [...(checkpoints?.get("projections") ?? [])].map(([name, row]) => ({ checkpoint: 0, error: null, ...row, name }));
	const applied = Math.min(written, ...projections.map((each) => each.checkpoint));
	const stopped = projections.filter((each) => each.error !== null).map((each) => each.name);
	return { written, applied, behind: written - applied, stopped, projections };
}

// What changed, in words, for presenting and for paper.
export function changedLines(before, after) {
	const lines = [];
	for (const panel of ["write", "outbox", "bus", "read", "checkpoints"]) {
		const [old, now] = [before, after].map((state) => state.get(panel) ?? new Map());
		for (const table of new Set([...old.keys(), ...now.keys()])) {
			if (old.get(table) === now.get(table) || table === "log") continue;
			const where = { outbox: panel, bus: panel, checkpoints: "checkpoint" }[panel] ?? table;
			for (const { key, row, old: was, mark, fields } of diff(old.get(table), now.get(table))) {
				const name = cut(row.event ? `${key} ${text(row.event)}` : key, 40), id = `${panel}/${table}/${key}`;
				if (mark === "+" || mark === "−") lines.push({ id, mark, where, old: mark === "−" ? name : "", now: mark === "+" ? name : "" });
				for (const field of fields) lines.push({ id, field, mark, where: `${where} ${cut(key, 30)} ${field}`,
					old: cut(brief(fieldsOf(was)[field]), 30), now: cut(brief(fieldsOf(row)[field]), 30) });
			}
		}
	}
	return lines;
}

// ---- drawing: the map

// The outline of a place: what is filled (b), and what is drawn on it (d).
function shape({ shape: name, w, h: tall }) {
	const [x, y] = [w / 2, tall / 2], lid = y - 10, end = x - 8;
	const rect = (move, rx) => s("rect.b", { x: move - x, y: -move - y, width: w, height: tall, rx });
	const [b, d] = [(line) => s("path.b", { d: line }), (line) => s("path.d", { d: line })];
	switch (name) {
		case "screen": return [rect(0, 9), d(`M${-x} ${24 - y}h${w}`)];
		case "tag": return b(`M${-x} ${-y}h${w - 16}l16 ${y}-16 ${y}H${-x}z`);
		case "hexagon": return b(`M${-x} 0l16 ${-y}h${w - 32}l16 ${y}-16 ${y}h${32 - w}z`);
		case "parallelogram": return b(`M${12 - x} ${-y}H${x}l-12 ${tall}H${-x}z`);
		case "cylinder": return [b(`M${-x} ${-lid}c0-9 ${w}-9 ${w} 0v${2 * lid}c0 9 ${-w} 9 ${-w} 0z`), d(`M${-x} ${-lid}c0 9 ${w} 9 ${w} 0`)];
		case "envelope": return [rect(0, 4), d(`M${-x} ${2 - y}l${x} 20 ${x}-20`)];
		case "pill": return rect(0, y);
		case "pills": return [rect(4, y), rect(0, y)];
		case "pipe": return [b(`M${-end} ${-y}h${2 * end}c12 0 12 ${tall} 0 ${tall}h${-2 * end}c-12 0-12 ${-tall} 0 ${-tall}z`),
			d(`M${end} ${-y}c-11 0-11 ${tall} 0 ${tall}`)];
		case "bubble": return b(`M${12 - x} ${3 - y}h${w - 24}q12 0 12 12v${tall - 36}q0 12-12 12H${30 - x}l-16 12v-12h-2q-12 0-12-12v${36 - tall}q0-12 12-12z`);
		default: return rect(0, 9);
	}
}

// A place, with the marks it may get; a name that would stick out takes two lines.
function drawNode({ label, sub: under, w, h: tall, ...node }, tight) {
	const sub = tight ? "" : under;
	const count = s("text", { y: 4.5 }), words = label.split(" "), half = Math.ceil(words.length / 2), [room, high] = tight ? [Math.floor((w - 12) / 11.5), 14] : [Math.floor((w - 12) / 8.2), 18];
	const badge = s("g.badge.event", { transform: `translate(${w / 2 - 3} ${-tall / 2})`, display: "none" }, s("circle", { r: 11 }), count);
	const [x, low] = { tag: [-6, 0], pipe: [-6, 0], envelope: [0, 11], bubble: [0, -4], cylinder: [0, sub ? 8.5 : tight ? 3 : 0] }[node.shape] ?? [0, 0];
	const lines = label.length > room && words[1] ? [words.slice(0, half).join(" "), words.slice(half).join(" ")] : [label];
	const y = low + 5 - (lines.length - (sub ? 0 : 1)) * (high - 1) / 2;
	const g = s("g", { transform: `translate(${node.x} ${node.y})` }, shape({ ...node, w, h: tall }),
		node.shape === "screen" ? s("text.s.strong", { y: 17 - tall / 2 }, cut(`${label} ${sub}`, 18)) : [
			s("g.label", lines.map((line, i) => s("text", { x, y: y + high * i }, cut(line, Math.max(room, 12))))),
			s("text.s", { x, y: y + 18 * lines.length - 2 }, cut(sub, Math.floor((w - 8) / 6.4))),
			label.length > 2 * room && s("title", label)],
		badge, s("g.cross.rejection", glyph("reject", { x: w / 2 - 18, y: -tall / 2 - 10, width: 24, height: 24 })));
	return { g, role: roleOf(node.role), badge, count };
}

const [HEAD, BAR] = ["M0 0l-11-6v12z", "M-2-10h-5v20h5z"]; // where a way ends, and where it is refused

function drawEdge({ points: way }) {
	const head = (what, [x, y], [ax, ay]) => s(what, { d: HEAD, transform: `translate(${x} ${y}) rotate(${Math.atan2(y - ay, x - ax) * 180 / Math.PI})` });
	return s("g", s("path.way", { d: `M${way.join("L")}` }), head("path.h.hf", way.at(-1), way.at(-2)), head("path.h.hb", way[0], way[1]));
}

const drawGround = ({ bands, edges }) => [
	bands.map(({ label, sub, x, y, w, h: tall, ...band }) => [
		s(`rect.band.${roleOf(band.role)}`, { x, y, width: w, height: tall, rx: 10 }),
		s(`text.cap.${roleOf(band.role)}`, { x: x + 12, y: band.role === "read" ? y + tall - 9 : y + 16 }, `${text(label)} `, s("tspan", { dx: 4 }, text(sub))),
	]),
	edges.some(({ waits }) => waits === false) && [["g.legend", 464, "caller waits"], ["g.legend.a", 582, "nobody waits"]].map(([what, x, words]) =>
		s(what, { transform: `translate(${x} 319)` }, s("path.way", { d: "M0 0H26" }), s("text.s.st", { x: 32, y: 4 }, words))),
];

// `tight`: labels take two lines where they can, for they will be drawn larger (compare.css).
export function drawMap({ map, steps }, uid, tight = false) {
	const wayOf = (item) => route(map, item.source, item.target, item.lane, item.fold ? 6 : 2);
	const edges = map.edges.map(drawEdge);
	const nodes = new Map([...map.nodes].map(([id, node]) => [id, drawNode(node, tight)]));
	let used = []; // an idle edge shows an arrowhead for every direction this run uses
	function uses(run) {
		used = map.edges.map(({ waits }) => new Set(waits === false ? ["a"] : []));
		for (const step of run) for (const { edge, forward } of wayOf(step).legs) used[edge].add(forward ? "fwd" : "bwd");
	}
	uses(steps);
	const [x, y, width, height] = map.frame ?? [], frame = s("rect", { x, y, width, height, rx: 8 });
	const gauge = map.gauge && drawGauge(map.gauge);
	const client = map.nodes.get("client"), screen = s("g");
	nodes.get("client")?.g.append(screen);
	const [box, words, whole] = [s("rect", { height: 22, y: -11, rx: 6 }), s("text", { y: 4.5 }), s("title")];
	const token = s("g"), chip = s("g", whole, box, words), sizes = new Map(); // text -> its width
	const stripe = (what, size) => s(what, { width: size, height: 7 });
	const svg = s("svg", { viewBox: "0 0 840 336", role: "group", style: `--hatch:url(#${uid}-hatch)`,
		"aria-label": `Map: ${[...map.nodes.values()].map(({ label }) => label).join(", ")}` },
		s("pattern", { id: `${uid}-hatch`, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
			stripe("rect.h0", 7), stripe("rect.h1.event", 3.5), stripe("rect.h2.event", 1)),
		drawGround(map), map.frame && [frame, s("text.s.st", { x: x + 10, y: y + height + 14 }, "one transaction")],
		edges, [...nodes.values()].map(({ g }) => g), gauge?.root, token, chip);

	// Light the way of a hop; return how its message moves. What it changed comes with land().
	function show(item, earlier) {
		const marks = used.map((each) => [...each].join(" ") + (each.has("fwd") || each.has("bwd") ? "" : " fwd"));
		let last = -1; // of the lines the message takes now
		const light = (each, state) => wayOf(each).legs.forEach(({ edge, forward }) => {
			marks[edge] = `${used[edge].has("a") ? "a " : ""}${forward ? "fwd" : "bwd"} ${looks(each).role} ${state}`;
			if (state === "on") last = edge;
		});
		earlier.forEach((each) => light(each, "was"));
		if (item) light(item, "on");
		// The line on which something is refused, or the one into where it is, ends in a bar.
		const refused = item && looks(item).role === "rejection";
		if (refused && item.source === item.target) last = map.edges.findIndex(({ target }) => target === item.target);
		if (refused && marks[last]) marks[last] = marks[last].replace(/ \w+ was$|$/, / on$/.test(marks[last]) ? "" : " rejection on");
		edges.forEach((g, i) => {
			dress(g, marks[i]);
			for (const end of [...g.children].slice(1)) set(end, "d", refused && i === last ? BAR : HEAD);
		});
		for (const [id, { g, role }] of nodes) dress(g, `n ${role} ${g.classList.contains("stale") ? "stale" : ""} ` +
			(id === item?.source && id !== item.target ? "src" : ""));
		dress(frame, "frame aggregate");
		const { points: line, legs } = item ? wayOf(item) : { points: [] };
		const place = !line[1] && map.nodes.get(item?.target); // what happens at one place
		for (const each of [token, chip]) set(each, "display", place || line[1] ? "inline" : "none");
		if (!place && !line[1]) return null;
		const { role, glyph: name } = looks(item);
		dress(token, `tok ${role}`);
		dress(chip, `chip ${role}`);
		fill(token, s("circle", { r: 17 }), glyph(name, { x: -16, y: -16, width: 32, height: 32 }));
		say(words, cut(item.name || item.kind, 30));
		say(whole, item.name);
		if (svg.isConnected && !sizes.has(words.textContent)) sizes.set(words.textContent, words.getComputedTextLength());
		const size = (sizes.get(words.textContent) || words.textContent.length * 7.8) + 18;
		set(box, "width", size);
		set(box, "x", -size / 2);
		const least = (client ? client.x + client.w / 2 + 5 : 4) + size / 2; // beside the screen, not on it
		// It rests in the gap before its target, or before the bar.
		const length = place ? 0 : Math.max(1, pointAt(line, 0).length - (refused ? 26 : legs.length ? 18 : 60));
		const move = (part) => {
			const at = place ? { x: place.x - place.w / 2, y: place.y - place.h / 2 } : pointAt(line, part * length);
			const aside = 22 + size / 2, right = at.x + aside + size / 2 < 836;
			const [cx, cy] = place ? [right ? at.x + aside : at.x - aside, Math.max(14, at.y - 15)] : at.vertical ? [at.x - 26 - size / 2, at.y] : [at.x, at.y - 47];
			set(token, "transform", `translate(${at.x} ${at.y})`);
			set(chip, "transform", `translate(${clamp(cx, least, 836 - size / 2)} ${cy})`);
		};
		return { move, length, x: place ? place.x : pointAt(line, length).x };
	}

	// Show what the step did, and everything that depends on the state.
	function land(item, before, after, asking) {
		const { behind, stopped } = staleness(after), failed = item && looks(item).role === "rejection";
		for (const [id, { g, role, badge, count }] of nodes) {
			const from = id === item?.source, refuses = failed && from && id !== "client" && !item.fold;
			const to = id === item?.target || id === "outbox" && item?.kind === "save" && after.get("outbox") !== before.get("outbox");
			dress(g, `n ${refuses ? "rejection dst" : `${role} ${to ? "dst" : from ? "src" : ""}`} ` +
				(id === "read_store" && behind ? "stale" : id === "projections" && stopped.length ? "stopped" : ""));
			const waiting = [...(after.get({ outbox: "outbox", event_bus: "bus" }[id])?.values() ?? [])].reduce((sum, { size }) => sum + size, 0);
			set(badge, "display", waiting ? "inline" : "none");
			say(count, waiting > 99 ? "99+" : `${waiting}`);
		}
		const stores = item?.target === "write_store" && /^(save|commit|rollback)$/.test(item.kind);
		dress(frame, `frame ${failed && stores ? "rejection" : "aggregate"} ${stores ? "on" : ""}`);
		gauge?.update(after);
		fill(screen, drawScreen(after, item, asking));
	}
	return { svg, nodes, show, land, uses };
}

// How far the slowest projection is; opened, a bar for each of them.
function drawGauge([x, y, width, height]) {
	const root = s("g.gauge", { tabindex: 0, role: "button", "aria-label": "Each projection", click: toggle, keydown: toggle });
	let each = false, state = new Map();
	function toggle(event) {
		if (event.key && !/^(Enter| )$/.test(event.key)) return;
		event.preventDefault();
		event.stopPropagation();
		each = !each;
		update(state);
	}
	function update(now) {
		state = now;
		const { written, applied, behind, stopped, projections } = staleness(state), shown = each ? projections.slice(0, 7) : [];
		const tall = each ? 32 + 17 * shown.length : height, top = y - (tall - height) / 2, least = Math.max(0, written - 7);
		const words = (what, dx, dy, ...inside) => s(`text.${what}`, { x: x + dx, y: top + dy }, ...inside);
		const bar = (what, dx, dy, size, high) => s(`rect.q.${what}`, { x: x + dx, y: top + dy, width: size, height: high, rx: 2 });
		const [role, title] = stopped[0] ? ["rejection", `${behind} behind, ${stopped.length} stopped`]
			: behind ? ["event", `${plural(behind, "event")} behind`] : ["read", "✓ up to date"];
		set(root, "aria-expanded", each);
		fill(root, s("rect.box", { x, y: top, width, height: tall, rx: 8 }),
			words(`st.said.${role}`, 12, 19, title), words("s.end", width - 8, 19, each ? "▴" : "▾"),
			shown.map(({ name, checkpoint, error }, i) => {
				const dy = 34 + 17 * i, tone = error === null ? "read" : "rejection";
				return [words("s.st", 12, dy, s("title", name), cut(text(name), 13)), bar("event.no", 100, dy - 9, 52, 9),
					bar(tone, 100, dy - 9, written ? clamp(checkpoint / written, 0, 1) * 52 : 52, 9),
					words(`s.end.said.${tone}`, width - 8, dy, error === null ? `${checkpoint}` : `✕ ${checkpoint}`)];
			}),
			// The last seven, one square an event.
			!each && [["written", 35, written], ["applied", 52, applied]].map(([name, dy, count]) => [
				words("s.st", 12, dy, name), words("s.end", width - 8, dy, `${count}`),
				Array.from({ length: written - least }, (_, i) =>
					bar(name === "written" ? "event" : least + i < applied ? "read" : "event.no", 68 + 16 * i, dy - 10, 12, 12)),
			]));
	}
	return { root, update };
}

// What a client holds: its last command, and its newest question with the answer.
export function heldBy(state) {
	const screen = state.get("screen"), [question, held] = [...(screen?.get("answers") ?? [])].at(-1) ?? [];
	return { last: screen?.get("command")?.get("last"), question, held };
}

// A name on a button: a long one takes two lines, ChangeShipping and Address.
export function halves(name) {
	const words = name.split(/(?=[A-Z])/), half = Math.ceil(words.length / (name.length > 14 ? 2 : 1));
	return [words.slice(0, half).join(""), words.slice(half).join("")];
}

// The client's window.
function drawScreen(state, item, asking) {
	const { last, question = "", held } = heldBy(state), sending = asking?.lane === "send", waiting = asking?.lane === "ask";
	const line = (what, y, words, fit = {}) => s(`text.${what}`, { y, ...fit }, words);
	const box = (what, y, height) => s(`rect.${what}`, { x: -52, y, width: 104, height, rx: 7 });
	const call = sending ? asking.name : text(last?.sent), [verb, given = ""] = call.replace(/\)$/, "").split(/\(([^]*)/);
	const outcome = sending ? "…" : text(last?.outcome), refusal = /^refused:?\s*([^:]*)/.exec(outcome);
	const [top, low] = halves(verb).map((each) => cut(each, 16));
	const press = (y, words) => line("s.button.command", y, words, words.length > 13 ? { textLength: 98, lengthAdjust: "spacingAndGlyphs" } : {});
	const came = refusal ? "s.strong.said.rejection" : "s.strong", answer = waiting ? null : held, halo = answer?.stale === true ? ".halo" : "";
	return [
		s("g", s("title", call), box(call ? "command.press" : "none", -107, 32), call ? [press(low ? -94 : -86, top), press(-80, low)] : line("s", -86, "no command"),
			line("s", -56, given.slice(0, 16)), line("s", -41, cut(given.slice(16), 16)),
			line(came, -16, refusal ? "✕ refused" : outcome === "done" ? "✓ done" : cut(outcome, 14)), line(came, 0, cut(refusal?.[1] ?? "", 16))),
		s("path.d.faint", { d: "M-52 20H52" }), s("text.s.st.strong", { x: -52, y: 38 }, "Last answer"),
		s("g", s("title", answer ? `${question}\n${cut(text(answer.answer), 500)}` : ""), line("s", 54, cut(waiting ? asking.name : question.split("(")[0], 17)),
			box(`page.read${halo ? ".old" : answer ? ".full" : ""}${item?.target === "client" && item.lane === "ask" ? ".on" : ""}`, 64, 66),
			line(`m${halo}`, 94, waiting ? asking.hidden ? "?" : "…" : answer ? cut(summary(answer.answer), 14) : "–"),
			line(`s${halo}`, 112, halo ? "stale" : finite(answer?.reflects) ? `as of event ${answer.reflects}` : "")),
	];
}

// ---- drawing: tables, documents, code

const MARKS = { "+": ".add", "−": ".del", "~": ".mod", "": "" };
// A field that says nothing in any row shown only takes room.
const tells = (rows) => (field) => rows.some(({ row, fields }) => fields.has(field) || ![null, undefined, ""].includes(fieldsOf(row)[field]));

function cell(tag, { row, old, fields }, field) {
	const [was, is] = [old, row].map((each) => brief(fieldsOf(each)[field]));
	return fields.has(field) ? h(`${tag}.chg`, { title: cut(`was ${was}, is ${is}`, 2000) }, h("s", cut(was, 24)), " ", cut(is, 30)) : long(tag, is, 40);
}

function drawTable(name, rows, deeds) {
	const fields = [...new Set(rows.flatMap(({ row }) => Object.keys(fieldsOf(row))))].filter(tells(rows));
	return h("table", h("caption", name), h("thead", h("tr", h("td"), fields.map((field) => h("th", { scope: "col", title: field }, cut(field, 24))))),
		h("tbody", rows.map((row) => h(`tr${MARKS[row.mark]}`, h("td.gutter", row.mark, deeds?.handleOf(fieldsOf(row.row))), fields.map((field) => cell("td", row, field))))));
}

const drawCard = (name, row, was, is) => h(`div.doc${MARKS[row.mark]}`,
	h("div.doc-head", long("b", `${row.mark} ${name} / ${row.key}`.trim(), 42), is !== undefined &&
		h(was === is ? "span" : "span.chg", "checkpoint ", was !== is && h("s", text(was)), ` ${is}`)),
	h("dl", Object.keys({ ...fieldsOf(row.old), ...fieldsOf(row.row) }).filter(tells([row])).map((field) => [long("dt", field, 18), cell("dd", row, field)])));

// One panel. What is drawn of a table stands until its rows or their marks are others.
function drawPanel(panel, label, deeds) {
	const [role, sort, title, note, empty] = PANELS[panel], documents = panel === "read";
	const body = area(documents ? "div.body.docs" : "div.body", label ?? title), flag = h("span"), none = h("p.none", empty);
	const root = h("section", { "aria-label": label ?? title }, h("div.ph", picture({ role, glyph: sort }), label ?? title, h("small", note), flag), body);
	const inFull = new Set(); // tables shown with all their rows
	let standing = new Map(), last = []; // table -> what it was drawn of, and what was drawn
	function drawRows(table, parts) {
		const rows = diff(...parts), marked = rows.filter(({ mark }) => mark), whole = inFull.has(table) || rows.length <= 8;
		// All of a small table in order; of a large one what changed, then some more.
		const shown = whole ? rows : [...marked, ...rows.filter(({ mark }) => !mark)].slice(0, Math.max(8, marked.length));
		const drawn = documents ? shown.map((row) => drawCard(table, row, parts[2], parts[3])) : shown.length ? [drawTable(table, shown, deeds)] : [];
		const click = () => {
			if (!inFull.delete(table)) inFull.add(table);
			standing.delete(table);
			body.focus({ preventScroll: true });
			update(...last);
		};
		if (rows.length > 8) drawn.push(h("button.rest", { click }, `${whole ? "show fewer" : `and ${rows.length - shown.length} more`} ${cut(table, 24)}`));
		return { parts, drawn, changed: marked.length > 0 };
	}
	function update(before, after) {
		last = [before, after];
		const checkpoint = (state, table) => {
			const all = documents && state.get("checkpoints")?.get("projections");
			return all ? (all.get(table) ?? all.get(table.split(".")[0]))?.checkpoint : undefined;
		};
		const [old, now] = last.map((state) => state.get(panel) ?? new Map()), names = [...new Set([...old.keys(), ...now.keys()])];
		if (documents) names.sort((a, b) => a.includes(".") - b.includes(".")); // look-up documents last
		standing = new Map(names.map((table) => {
			const parts = [old.get(table), now.get(table), checkpoint(before, table), checkpoint(after, table)], stands = standing.get(table);
			return [table, stands?.parts.every((part, i) => part === parts[i]) ? stands : drawRows(table, parts)];
		}));
		const tables = [...standing.values()], changed = tables.some((table) => table.changed), drawn = tables.flatMap((table) => table.drawn);
		if (!drawn[0]) drawn.push(none);
		if (body.children.length !== drawn.length || drawn.some((each, i) => each !== body.children[i])) fill(body, drawn);
		const { behind, stopped } = documents ? staleness(after) : { stopped: [] };
		say(flag, changed ? "changed" : stopped[0] ? `${cut(stopped.join(", "), 20)} stopped` : behind ? `${plural(behind, "event")} behind` : "");
		dress(flag, changed ? "flag" : `flag late ${stopped[0] ? "rejection" : "event"}`);
		dress(root, `panel card ${role} p-${panel} ${changed ? "hot" : ""}`);
		const first = changed && body.querySelector(".add, .del, .chg, .mod");
		return first ? () => { // once all are drawn: to measure in between costs a layout each
			const [box, mark] = [body.getBoundingClientRect(), first.getBoundingClientRect()];
			body.scrollTop += mark.top - box.top - 40;
			if (mark.right > box.right || mark.left < box.left) body.scrollLeft += mark.left - box.left - 60;
		} : null;
	}
	return { root, update };
}

const TOKENS = /("""|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|#.*|\b(?:and|as|case|class|def|elif|else|except|False|for|from|if|import|in|is|match|None|not|or|pass|raise|return|True|try|while|with|yield)\b)/;

// Source as list items: keywords bold, texts and comments muted; the indent is drawn as padding.
function highlight(source, first) {
	const lines = source.split("\n"), indents = lines.map((line) => line.search(/\S/));
	const least = Math.min(...indents.filter((indent) => indent >= 0));
	let doc = false; // within a long text
	return lines.map((line, i) => {
		const li = h("li", { "data-n": first + i }, line.trim() ? line.trim().split(TOKENS).map((part) => {
			const quotes = part === '"""';
			const muted = doc || /^["'#]/.test(part);
			if (quotes) doc = !doc;
			return muted ? h("i", part) : TOKENS.test(part) ? h("b", part) : part;
		}) : "\u200b");
		li.style.setProperty("--i", Math.max(0, indents[i] - least));
		return li;
	});
}

function drawCode() {
	const [file, folder, source, none] = [h("span"), h("small"), h("ol", { tabindex: 0 }), h("p.none", "No source belongs to this step.")];
	const head = h("div.ph", file, folder), [called, travels] = [h("dd", { dir: "auto" }), h("dd", { dir: "auto", tabindex: 0 })];
	let key = "";
	function update(item) {
		const code = typeof item?.code?.source === "string" && item.code;
		head.hidden = source.hidden = !code;
		none.hidden = Boolean(code);
		say(called, cut(text(item?.call) || "nothing: it runs by itself", 600));
		say(travels, cut(item ? readable(item.payload) : "nothing yet", 2000));
		if (!code) return null;
		const first = finite(code.first) ? code.first : 1, path = text(code.file).split("/");
		if (key !== (key = `${code.file}:${first}:${code.source}`)) {
			say(file, path.pop());
			say(folder, path.join("/"));
			fill(source, highlight(code.source.trimEnd(), first));
		}
		source.querySelector(".on")?.removeAttribute("class");
		const line = source.children[code.line - first];
		dress(source, `code ${looks(item).role}`);
		set(source, "aria-label", `Source, current line ${Number(code.line)}`);
		if (!line) return null;
		dress(line, "on");
		return () => { source.scrollTop = line.offsetTop - source.clientHeight / 2; };
	}
	return { update, parts: [head, source, none, h("dl.msg", h("dt", "You called"), called, h("dt", "What travels"), travels)] };
}

export const lineOf = ({ mark, where, old, now }) => h("li", `${mark} `, h("span", where), " ", old && h("s", old), " ", h("b", now));
const linesOf = (lines) => [lines.slice(0, lines.length > 4 ? 3 : 4).map(lineOf), lines.length > 4 && h("li", `and ${lines.length - 3} more`)];

// ---- the explorer

function openRun(model, el, kept) {
	let { recording, problem } = readRecording(model.get("recording"));
	if (problem) return complain(el, problem);
	let stateAt = history(recording), unfolded = new Set(model.get("unfolded") ?? []);
	const uid = `cqrs-${Math.random().toString(36).slice(2, 10)}`; // many may live on one page
	const { map: places, drawn } = recording;
	const foldAt = (n) => recording.folds.find(({ first, last }) => first <= n && n <= last);

	const map = places && drawMap(recording, uid), code = drawCode(), deeds = extras.live?.(model);
	const [sign, kind] = ["span", "span"].map((tag) => h(tag)), passage = h("div.route"), sentence = h("p", { dir: "auto" });
	const foldButton = h("button.fold", { title: "Unfold or fold (U)", click: fold });
	const telling = h("div", h("div", h("div.kind", sign, kind, foldButton), passage), sentence);
	const echo = h("div.bet"), side = h("section.side.card"), changes = h("ul.changes.card", { "aria-hidden": "true" });
	const panels = Object.keys(PANELS).filter((panel) => panel === "write" || places?.nodes.has(PANELS[panel][5]) || entries(recording.initial?.[panel])[0])
		.map((panel) => drawPanel(panel, panel === "write" && recording.architecture === RUNGS[3] ? "Event store" : null, deeds));
	const box = area("div.map.card", "Map", map?.svg ?? h("p.none", "This recording has no map."));
	let current = null; // the item shown

	function layOut(isAsked) {
		const asked = recording.folds.filter(({ first, last }) => isAsked(first, last)).map(({ first }) => first);
		return displayed(recording, new Set([...unfolded, ...asked]));
	}
	function reach(n) { // a fold that hides step n unfolds
		const around = foldAt(n), hides = around && n < around.last && !unfolded.has(around.first);
		if (hides) {
			unfolded.add(around.first);
			tell();
		}
		return hides;
	}
	function tell() {
		model.set("unfolded", [...unfolded]);
		model.save_changes();
	}
	function fold() {
		const around = current && foldAt(current.n);
		if (!around) return;
		if (!unfolded.delete(around.first)) unfolded.add(around.first);
		tell();
		view.renew(current.fold ? around.first : around.last);
	}
	function fit() { // smaller letters, if the sentence needs a third line
		telling.classList.remove("wordy");
		telling.classList.toggle("wordy", sentence.scrollHeight > sentence.clientHeight + 2);
	}
	function show(item, { at, card, bet, earlier, total }) {
		const look = looks(item), words = item ? item.note : total ? "The shop before anything happens. Press Next." : "Nothing was recorded: this run has no steps.";
		const place = (id) => places?.nodes.get(id)?.label.toLowerCase() ?? text(id);
		current = item;
		dress(telling, `say card ${look.role}`);
		fill(sign, picture(look));
		say(kind, look.title);
		say(passage, item ? [...new Set([place(item.source), place(item.target)])].join(" → ") : "");
		say(sentence, words);
		foldButton.hidden = !item || !foldAt(item.n);
		say(foldButton, item?.fold ? "Unfold" : "Fold");
		set(side, "aria-label", card ? "Prediction" : "Source code");
		echo.hidden = !bet;
		fill(echo, bet);
		if (side.firstChild !== (card ?? echo)) fill(side, card ?? [echo, code.parts]);
		const settleCode = card ? null : code.update(item), trip = map?.show(item, earlier);
		function settle() {
			settleCode?.();
			if (trip) box.scrollLeft = trip.x / 840 * box.scrollWidth - box.clientWidth / 2; // if it is wider than its place
			fit();
		}
		return { words, settle, trips: trip ? [trip] : [], land() {
			const [before, after] = [stateAt((item?.first ?? 1) - 1), stateAt(at)];
			map?.land(item, before, after, item?.pending && { ...item.pending, hidden: Boolean(card) });
			const seen = panels.map((panel) => panel.update(before, after));
			deeds?.refresh();
			seen.forEach((reveal) => reveal?.());
			fill(changes, bet ? h("li", bet.map((each) => each.cloneNode?.(true) ?? each)) : linesOf(changedLines(before, after)));
			view.root.classList.toggle("calm", !changes.firstChild);
		} };
	}
	const view = stage(model, el, {
		uid, deeds, what: "Explorer", ladder: drawLadder(recording.architecture), name: () => recording.title,
		before: [box, telling, side], after: [h(`div.data.n${panels.length}`, panels.map(({ root }) => root)), changes],
		lines: () => [{ steps: recording.steps }],
		layOut, reach, fold, fit, show,
	}, kept);
	const unfold = () => {
		const wanted = new Set(model.get("unfolded"));
		if (same([...wanted].sort(), [...unfolded].sort())) return;
		unfolded = wanted;
		view.renew();
	};
	view.listen(model, "change:unfolded", unfold);
	view.begin();
	return {
		close: view.close,
		// Show another recording of the same shop in place; false if it needs another map.
		renew() {
			const other = readRecording(model.get("recording"));
			if (other.recording?.drawn !== drawn) return false;
			recording = other.recording;
			stateAt = history(recording);
			map?.uses(recording.steps);
			view.renew();
			return true;
		},
	};
}

export const explorer = { render: (context) => host(context, openRun, "recording") };
