// The explorer: one recorded run, many views of it, one cursor.
//
// anywidget hosts this module in notebooks, and a page of its own inlines it. First it reads a
// recording (pure functions, tested with node), then it draws. Every text of a recording goes in as
// a text node or an attribute, never as markup, style, id or class. What a hop changed shows when
// its message lands; whatever else belongs to a step, at once.

const RUNGS = ["crud", "one-database", "two-stores", "event-sourced"];
const ROLES = ["command", "event", "aggregate", "read", "process", "outside", "rejection"];
const KINDS = { // role/glyph/title of a kind, or of a kind to or from a place
	__proto__: null,
	command: "command/command/Command", "command>aggregate": "command/command/Decide",
	accept: "command/accept/Accepted",
	event: "event/event/Event", "event>event_bus": "event/event/Publish", "event>projections": "event/event/Deliver",
	query: "read/query/Query", answer: "read/answer/Answer",
	load: "aggregate/save/Load", "load>relay": "event/event/Relay", "read_store>load": "read/answer/Load",
	save: "aggregate/save/Save", "save>read_store": "read/answer/Apply",
	commit: "aggregate/save/Commit", "commit>read_store": "read/save/Commit",
	outside: "outside/outside/Call outside",
	rollback: "rejection/reject/Roll back", reject: "rejection/reject/Rejected", fault: "rejection/reject/Fault",
};
const GLYPHS = { // body and strokes, from -15 to 15
	command: ["M-13-11H4L14 0 4 11H-13z", "M-3-6V1M-3 5.5V6"],
	accept: ["M13-11H-4L-14 0-4 11H13z", "M-3 0l4 4 6-8"],
	event: ["M-11-11H11V4L4 11H-11z", "M11 4H4V11M-6-5H6M-6 1H0"],
	query: ["M-6-12H6q7 0 7 7v6q0 7-7 7H0L-7 14V8q-6 0-6-7v-6q0-7 7-7z", "M-3.5-5C-3-9 4-9 3.5-5 3.2-3 0-3 0-.5M0 3.5V4"],
	answer: ["M-10-13H3L10-6V13H-10z", "M-5-2H5M-5 3H5M-5 8H1"],
	save: ["M-14 0L-7-11H7L14 0 7 11H-7z", "M-6-4H6M-6 0H6M-6 4H6"],
	outside: ["M-7-10H14L7 10H-14z", "M-5 0H5M1-4L5 0 1 4"],
	reject: ["M-5.4-13H5.4L13-5.4V5.4L5.4 13H-5.4L-13 5.4V-5.4z", "M-5-5L5 5M5-5L-5 5"],
	other: ["M-9-9H9V9H-9z", "M-4 0H4"],
};
const ICONS = { // of controls, from 0 to 16
	first: "M2 2h2v12H2zM14 2v12L5 8z", previous: "M12 2v12L3 8z", play: "M3 2l11 6-11 6z",
	pause: "M3 2h4v12H3zM9 2h4v12H9z", next: "M4 2v12l9-6z", last: "M12 2h2v12h-2zM2 2v12l9-6z",
};
const PANELS = { // role, glyph, title, note, what an empty one says, its place
	write: ["aggregate", "save", "Write tables", "normalized", "No rows yet."],
	outbox: ["event", "event", "Outbox", "same database", "Nothing waits.", "outbox"],
	bus: ["event", "event", "Bus", "in transit", "Nothing travels.", "event_bus"],
	read: ["read", "answer", "Read documents", "denormalized", "No documents yet.", "read_store"],
};
const KEYS = "← → step · Space plays · Home, End · U unfolds · A to D and Enter answer · " +
	"P presents · T theme · . blanks the screen while presenting · Esc leaves";

// ---- reading a recording (pure)

const entries = (thing) => (thing && typeof thing === "object" ? Object.entries(thing) : []);
const list = (thing) => (Array.isArray(thing) ? thing : []).filter((each) => each && typeof each === "object");
const text = (value) => typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
const finite = (...numbers) => numbers.every(Number.isFinite);
const clamp = (n, low, high) => Math.max(low, Math.min(high, n));
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const cut = (words, length) => (words.length > length ? `${words.slice(0, length - 1)}…` : words);

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
			scene: text(step.scene), note: text(step.note), question: readQuestion(step.question) };
	});
	const folds = list(data.folds).filter(({ first, last }) =>
		finite(first, last) && end < first && first < last && last <= steps.length && (end = last));
	return { recording: { ...data, steps, folds, map: readMap(data.map),
		title: text(data.title) || "A recorded run", architecture: text(data.architecture) } };
}

function readQuestion(question) {
	const choices = list(question?.choices).map((each) => ({ text: text(each.text), why: text(each.why) }));
	if (!question?.number && !choices[question?.right]) return null;
	return { ...question, text: text(question.text), choices: question.number ? null : choices };
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

// The state after n steps: Map panel -> Map table -> Map key -> row. Every 20th state is kept, so
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
const fieldsOf = (row) => (row && typeof row === "object" ? row : { value: row });

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
	const items = [];
	for (let n = 1; n <= steps.length; n++) {
		const fold = folds.find(({ first }) => first === n && !unfolded.has(n));
		if (!fold) {
			items.push(steps[n - 1]);
			continue;
		}
		const within = steps.slice(n - 1, fold.last), end = within.at(-1);
		n = fold.last;
		items.push({ ...end, ...fold, n, fold, question: null, call: within[0].call, code: within.findLast((each) => each.code)?.code,
			name: text(fold.name), note: text(fold.note), scene: text(fold.scene), kind: text(fold.kind),
			payload: (within.find((each) => each.kind === "event") ?? end).payload });
	}
	return items;
}

// Where in the list step n is; -1 before the first.
export const indexOf = (items, n) => items.findLastIndex((item) => item.first <= n);

// The colour, glyph and title of a step.
export function looks({ kind, source, target, fold }) {
	const known = !fold && (KINDS[`${kind}>${target}`] ?? KINDS[`${source}>${kind}`]) || KINDS[kind] || "neutral/other/Step";
	const [role, glyph, title] = known.split("/");
	return { role, glyph, title: fold ? text(fold.name) : title };
}

// What travels: PlaceOrder(order_id="o-7"), 6 OrderPlaced(...), or a row's fields.
export function readable(payload) {
	if (Array.isArray(payload)) return payload.map(readable).join("\n") || "[]";
	if (!payload || typeof payload !== "object") return text(payload) || "nothing";
	const nested = ([, value]) => value && typeof value === "object" && !Array.isArray(value);
	const call = ([name, fields]) => `${name}(${entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ")})`;
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
				const name = cut(row.event ? `${key} ${text(row.event)}` : key, 40);
				if (mark === "+" || mark === "−") lines.push({ mark, where, old: mark === "−" ? name : "", now: mark === "+" ? name : "" });
				for (const field of fields) lines.push({ mark, where: `${where} ${cut(key, 30)} ${field}`,
					old: cut(brief(fieldsOf(was)[field]), 30), now: cut(brief(fieldsOf(row)[field]), 30) });
			}
		}
	}
	return lines;
}

// ---- drawing: elements, glyphs

function build(element, classes, attributes, children) {
	if (classes.length) element.setAttribute("class", classes.join(" "));
	if (attributes?.constructor !== Object) children.unshift(attributes);
	else for (const [name, value] of Object.entries(attributes))
		if (typeof value === "function") element.addEventListener(name, value);
		else if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
	element.append(...children.flat(9).filter((child) => child != null && child !== false));
	return element;
}
// h("li.on", { title }, "words", child): the classes are ours, words become text nodes.
const maker = (create) => (what, attributes, ...children) => {
	const [tag, ...classes] = what.split(".");
	return build(create(tag), classes, attributes, children);
};
const h = maker((tag) => document.createElement(tag));
const s = maker((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
// Touch the page only where something differs.
const set = (element, name, value) => element.getAttribute(name) === `${value}` || element.setAttribute(name, value);
const dress = (element, classes) => set(element, "class", classes);
const say = (element, words) => { if (element.textContent !== words) element.textContent = words; };

const roleOf = (role) => (ROLES.includes(role) ? role : "neutral");
const glyph = (name, attributes) => s(`svg.${name}`, { viewBox: "-15 -15 30 30", ...attributes },
	s("path.gb", { d: GLYPHS[name][0] }), s("path.gi", { d: GLYPHS[name][1] }));
const picture = (name, role) => h(`span.glyph.${role}`, { "aria-hidden": "true" }, glyph(name));
const icon = (name) => s("svg.i", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));
// A text that may be long: cut, and whole in the tooltip.
const long = (what, words, length) => h(what, { title: words.length > length ? cut(words, 2000) : null }, cut(words, length));

// ---- drawing: the map

// The outline of a place around its centre: what is filled (b), and what is drawn on it (d).
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
function drawNode({ label, sub, w, h: tall, ...node }) {
	const count = s("text", { y: 4.5 }), words = label.split(" "), half = Math.ceil(words.length / 2), room = Math.floor((w - 12) / 8.2);
	const badge = s("g.badge.event", { transform: `translate(${w / 2 - 3} ${-tall / 2})`, display: "none" }, s("circle", { r: 11 }), count);
	const [x, low] = { tag: [-6, 0], pipe: [-6, 0], envelope: [0, 11], bubble: [0, -4], cylinder: [0, sub ? 8.5 : 0] }[node.shape] ?? [0, 0];
	const lines = label.length > room && words[1] ? [words.slice(0, half).join(" "), words.slice(half).join(" ")] : [label];
	const y = low + 5 - (lines.length - (sub ? 0 : 1)) * 8.5;
	const g = s("g", { transform: `translate(${node.x} ${node.y})` }, shape({ ...node, w, h: tall }),
		node.shape === "screen" ? s("text.s.strong", { y: 17 - tall / 2 }, cut(`${label} ${sub}`, 18)) : [
			lines.map((line, i) => s("text", { x, y: y + 18 * i }, cut(line, room))),
			s("text.s", { x, y: y + 18 * lines.length - 2 }, cut(sub, Math.floor((w - 8) / 6.4))),
			label.length > 2 * room && s("title", label)],
		badge, s("g.cross.rejection", glyph("reject", { x: w / 2 - 18, y: -tall / 2 - 10, width: 24, height: 24 })));
	return { g, role: roleOf(node.role), badge, count };
}

function drawEdge({ points: way }) {
	const head = (what, [x, y], [ax, ay]) => s(what, { d: "M0 0l-11-6v12z", transform: `translate(${x} ${y}) rotate(${Math.atan2(y - ay, x - ax) * 180 / Math.PI})` });
	return s("g", s("path.way", { d: `M${way.join("L")}` }), head("path.h.hf", way.at(-1), way.at(-2)), head("path.h.hb", way[0], way[1]));
}

const drawGround = ({ bands, edges }) => [
	bands.map(({ label, sub, x, y, w, h: tall, ...band }) => [
		s(`rect.band.${roleOf(band.role)}`, { x, y, width: w, height: tall, rx: 10 }),
		s(`text.cap.${roleOf(band.role)}`, { x: x + 12, y: band.role === "read" ? y + tall - 9 : y + 16 }, `${text(label)} `, s("tspan", { dx: 4 }, text(sub))),
	]),
	edges.some(({ waits }) => waits === false) && [["g", 464, "caller waits"], ["g.a", 582, "nobody waits"]].map(([what, x, words]) =>
		s(what, { transform: `translate(${x} 319)` }, s("path.way", { d: "M0 0H26" }), s("text.s.st", { x: 32, y: 4 }, words))),
];

function drawMap({ map, steps }, uid) {
	const wayOf = (item) => route(map, item.source, item.target, item.lane, item.fold ? 6 : 2);
	const edges = map.edges.map(drawEdge);
	const nodes = new Map([...map.nodes].map(([id, node]) => [id, drawNode(node)]));
	// An idle edge shows an arrowhead for every direction this run uses.
	const used = map.edges.map(({ waits }) => new Set(waits === false ? ["a"] : []));
	for (const step of steps) for (const { edge, forward } of wayOf(step).legs) used[edge].add(forward ? "fwd" : "bwd");
	const [x, y, width, height] = map.frame ?? [], frame = s("rect", { x, y, width, height, rx: 8 });
	const gauge = map.gauge && drawGauge(map.gauge);
	const client = map.nodes.get("client"), screen = client && drawScreen();
	if (screen) nodes.get("client").g.append(screen.g);
	const [box, words, whole] = [s("rect", { height: 22, y: -11, rx: 6 }), s("text", { y: 4.5 }), s("title")];
	const token = s("g"), chip = s("g", whole, box, words);
	const stripe = (what, size) => s(what, { width: size, height: 7 });
	const svg = s("svg", { viewBox: "0 0 840 336", role: "img", style: `--hatch:url(#${uid}-hatch)`,
		"aria-label": `Map: ${[...map.nodes.values()].map(({ label }) => label).join(", ")}` },
		s("pattern", { id: `${uid}-hatch`, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
			stripe("rect.h0", 7), stripe("rect.h1.event", 3.5), stripe("rect.h2.event", 1)),
		drawGround(map), map.frame && [frame, s("text.s.st", { x: x + 10, y: y + height + 14 }, "one transaction")],
		edges, [...nodes.values()].map(({ g }) => g), gauge?.g, token, chip);

	// Light the way of a hop; return how its message moves. What it changed comes with land().
	function show(item, earlier) {
		const marks = used.map((each) => [...each].join(" ") + (each.has("fwd") || each.has("bwd") ? "" : " fwd"));
		const light = (each, state) => wayOf(each).legs.forEach(({ edge, forward }) => {
			marks[edge] = `${used[edge].has("a") ? "a " : ""}${forward ? "fwd" : "bwd"} ${looks(each).role} ${state}`;
		});
		earlier.forEach((each) => light(each, "was"));
		if (item) light(item, "on");
		edges.forEach((g, i) => dress(g, marks[i]));
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
		token.replaceChildren(s("circle", { r: 17 }), glyph(name, { x: -16, y: -16, width: 32, height: 32 }));
		say(words, cut(item.name || item.kind, 30));
		say(whole, item.name);
		const size = (svg.isConnected && words.getComputedTextLength() || words.textContent.length * 7.8) + 18;
		set(box, "width", size);
		set(box, "x", -size / 2);
		const least = (client ? client.x + client.w / 2 + 5 : 4) + size / 2; // beside the client's screen, not on it
		// It comes to rest in the gap before its target.
		const length = place ? 0 : Math.max(1, pointAt(line, 0).length - (legs.length ? 18 : 60));
		const move = (part) => {
			const at = place ? { x: place.x - place.w / 2, y: place.y - place.h / 2 } : pointAt(line, part * length);
			const aside = 22 + size / 2, right = at.x + aside + size / 2 < 836;
			const [cx, cy] = place ? [right ? at.x + aside : at.x - aside, Math.max(14, at.y - 15)] : at.vertical ? [at.x - 26 - size / 2, at.y] : [at.x, at.y - 47];
			set(token, "transform", `translate(${at.x} ${at.y})`);
			set(chip, "transform", `translate(${clamp(cx, least, 836 - size / 2)} ${cy})`);
		};
		return { move, length, x: place ? place.x : pointAt(line, length).x };
	}

	// Show what the step did: its target, and everything that depends on the state.
	function land(item, before, after, asking) {
		const { behind, stopped } = staleness(after), failed = item && looks(item).role === "rejection";
		for (const [id, { g, role, badge, count }] of nodes) {
			const from = id === item?.source, refuses = failed && from && id !== "client";
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
		screen?.update(after, item, asking);
	}
	return { svg, show, land };
}

function drawGauge([x, y, width, height]) {
	const line = (what, dx, dy, words = "") => s(what, { x: x + dx, y: y + dy }, words);
	const [title, whole, written, applied] = [line("text", 12, 19), s("title"), line("text.s.end", width - 8, 35), line("text.s.end", width - 8, 52)];
	const squares = [25, 42].map((dy) => Array.from({ length: 7 }, (_, i) => s("rect", { x: x + 68 + i * 16, y: y + dy, width: 12, height: 12, rx: 2 })));
	const g = s("g", whole, s("rect.box", { x, y, width, height, rx: 8 }), title,
		line("text.s.st", 12, 35, "written"), line("text.s.st", 12, 52, "applied"), squares, written, applied);
	function update(state) {
		const { behind, stopped, projections, ...now } = staleness(state);
		say(title, stopped[0] ? `${behind} behind, ${cut(stopped.join(", "), 8)} stopped` : behind ? `${plural(behind, "event")} behind` : "✓ up to date");
		dress(title, `st said ${stopped[0] ? "rejection" : behind ? "event" : "read"}`);
		for (let i = 0; i < 7; i++) { // the last seven, one square an event
			const position = Math.max(0, now.written - 7) + i + 1, gone = position > now.written ? "gone" : "";
			dress(squares[0][i], `q event ${gone}`);
			dress(squares[1][i], `q ${position > now.applied ? "event no" : "read"} ${gone}`);
		}
		say(written, `${now.written}`);
		say(applied, `${now.applied}`);
		say(whole, projections.map(({ name, checkpoint, error }) => `${name}: ${checkpoint} ${error ?? ""}`).join("\n"));
	}
	return { g, update };
}

// The client's window: its last command, what came of it, and its last answer.
function drawScreen() {
	const [name, args, rest, toast, error, asked, answer, age] = [-86, -56, -41, -16, 0, 54, 94, 112].map((y) => s("text.s", { y }));
	const [button, page] = [[-107, 32], [64, 66]].map(([y, height]) => s("rect", { x: -52, y, width: 104, height, rx: 7 }));
	const [sent, whole] = [s("title"), s("title")];
	const g = s("g", s("g", sent, button, name, args, rest, toast, error), s("path.d.faint", { d: "M-52 20H52" }),
		s("text.s.st.strong", { x: -52, y: 38 }, "Last answer"), s("g", whole, asked, page, answer, age));
	function update(state, item, asking) {
		const last = state.get("screen")?.get("command")?.get("last"), sending = asking?.lane === "send", waiting = asking?.lane === "ask";
		const call = sending ? asking.name : text(last?.sent), [verb, given = ""] = call.replace(/\)$/, "").split(/\(([^]*)/);
		const outcome = sending ? "…" : text(last?.outcome), refusal = /^refused:?\s*([^:]*)/.exec(outcome);
		say(sent, call);
		say(name, cut(verb, 16) || "no command");
		dress(button, call ? "command press" : "none");
		dress(name, call ? "s button command" : "s");
		say(args, given.slice(0, 16));
		say(rest, cut(given.slice(16), 16));
		say(toast, refusal ? "✕ refused" : outcome === "done" ? "✓ done" : cut(outcome, 14));
		say(error, cut(refusal?.[1] ?? "", 16));
		for (const each of [toast, error]) dress(each, `s strong ${refusal ? "said rejection" : ""}`);
		const [question, held] = [...(state.get("screen")?.get("answers") ?? [])].at(-1) ?? [], old = !waiting && held?.stale === true;
		say(asked, cut(waiting ? asking.name : (question ?? "").split("(")[0], 17));
		say(answer, waiting ? asking.hidden ? "?" : "…" : held ? cut(summary(held.answer), 14) : "–");
		say(age, old ? "stale" : !waiting && finite(held?.reflects) ? `as of event ${held.reflects}` : "");
		say(whole, held && !waiting ? `${question}\n${cut(text(held.answer), 500)}` : "");
		dress(page, `page read ${old ? "old" : held && !waiting ? "full" : ""} ${item?.target === "client" && item.lane === "ask" ? "on" : ""}`);
		dress(answer, `m ${old ? "halo" : ""}`);
		dress(age, `s ${old ? "halo" : ""}`);
	}
	return { g, update };
}

// ---- drawing: tables, documents, code

const MARKS = { "+": ".add", "−": ".del", "~": ".mod", "": "" };
// A field that says nothing in any row only takes room.
const tells = (rows) => (field) => rows.some(({ row, fields }) => fields.has(field) || ![null, undefined, ""].includes(fieldsOf(row)[field]));

function cell(tag, { row, old, fields }, field) {
	const [was, is] = [old, row].map((each) => brief(fieldsOf(each)[field]));
	return fields.has(field) ? h(`${tag}.chg`, { title: cut(`was ${was}, is ${is}`, 2000) }, h("s", cut(was, 24)), " ", cut(is, 30)) : long(tag, is, 40);
}

function drawTable(name, rows, shown) {
	const fields = [...new Set(rows.flatMap(({ row }) => Object.keys(fieldsOf(row))))].filter(tells(rows));
	return h("table", h("caption", name), h("thead", h("tr", h("td"), fields.map((field) => h("th", { scope: "col", title: field }, cut(field, 24))))),
		h("tbody", shown.map((row) => h(`tr${MARKS[row.mark]}`, h("td.gutter", row.mark), fields.map((field) => cell("td", row, field))))));
}

const drawCard = (name, row, was, is) => h(`div.doc${MARKS[row.mark]}`,
	h("div.doc-head", long("b", `${row.mark} ${name} / ${row.key}`.trim(), 42), is !== undefined &&
		h(was === is ? "span" : "span.chg", "checkpoint ", was !== is && h("s", text(was)), ` ${is}`)),
	h("dl", Object.keys({ ...fieldsOf(row.old), ...fieldsOf(row.row) }).filter(tells([row])).map((field) => [long("dt", field, 18), cell("dd", row, field)])));

// One panel; it redraws only when its tables or their marks are not those it shows.
function drawPanel(panel, label) {
	const [role, name, title, note, empty] = PANELS[panel], documents = panel === "read";
	const named = { "aria-label": label ?? title };
	const body = h(`div.body${documents ? ".docs" : ""}`, { tabindex: 0, role: "group", ...named }), flag = h("span");
	const root = h("section", named, h("div.ph", picture(name, role), label ?? title, h("small", note), flag), body);
	let last = [];
	function update(before, after) {
		const parts = [before, after].flatMap((state) => [state.get(panel), documents && state.get("checkpoints")]);
		if (last.length && parts.every((part, i) => part === last[i])) return;
		last = parts;
		const [old, now] = [parts[0] ?? new Map(), parts[2] ?? new Map()];
		const at = (state, table) => {
			const all = state.get("checkpoints")?.get("projections");
			return (all?.get(table) ?? all?.get(table.split(".")[0]))?.checkpoint;
		};
		const names = [...new Set([...old.keys(), ...now.keys()])];
		if (documents) names.sort((a, b) => a.includes(".") - b.includes(".")); // look-up documents last
		let changed = false;
		const drawn = names.flatMap((table) => {
			const rows = diff(old.get(table), now.get(table)), marked = rows.filter(({ mark }) => mark);
			// All of a small table in order; of a large one what changed, then some more.
			const shown = rows.length <= 8 ? rows : [...marked, ...rows.filter(({ mark }) => !mark)].slice(0, Math.max(8, marked.length));
			changed ||= marked.length > 0;
			const more = rows.length > shown.length && h("p.none", `and ${rows.length - shown.length} more ${cut(table, 24)}`);
			return [...(documents ? shown.map((row) => drawCard(table, row, at(before, table), at(after, table))) : rows.length ? [drawTable(table, rows, shown)] : []), more];
		}).filter(Boolean);
		body.replaceChildren(...(drawn.length ? drawn : [h("p.none", empty)]));
		const { behind, stopped } = documents ? staleness(after) : { stopped: [] };
		say(flag, changed ? "changed" : stopped[0] ? `${cut(stopped.join(", "), 20)} stopped` : behind ? `${plural(behind, "event")} behind` : "");
		dress(flag, changed ? "flag" : `flag late ${stopped[0] ? "rejection" : "event"}`);
		dress(root, `panel card ${role} p-${panel} ${changed ? "hot" : ""}`);
		const first = changed && body.querySelector(".add, .del, .chg, .mod");
		if (!first) return;
		const [box, mark] = [body.getBoundingClientRect(), first.getBoundingClientRect()];
		if (mark.bottom > box.bottom || mark.top < box.top) body.scrollTop += mark.top - box.top - 40;
		if (mark.right > box.right || mark.left < box.left) body.scrollLeft += mark.left - box.left - 60;
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
		if (!code) return;
		const first = finite(code.first) ? code.first : 1, path = text(code.file).split("/");
		if (key !== (key = `${code.file}:${first}:${code.source}`)) {
			say(file, path.pop());
			say(folder, path.join("/"));
			source.replaceChildren(...highlight(code.source.trimEnd(), first));
		}
		source.querySelector(".on")?.removeAttribute("class");
		const line = source.children[code.line - first];
		dress(source, `code ${looks(item).role}`);
		set(source, "aria-label", `Source, current line ${Number(code.line)}`);
		if (!line) return;
		dress(line, "on");
		source.scrollTop = line.offsetTop - source.clientHeight / 2;
	}
	return { update, parts: [head, source, none, h("dl.msg", h("dt", "You called"), called, h("dt", "What travels"), travels)] };
}

const lineOf = ({ mark, where, old, now }) => h("li", `${mark} `, h("span", where), " ", old && h("s", old), " ", h("b", now));
const linesOf = (lines) => [...lines.slice(0, lines.length > 4 ? 3 : 4).map(lineOf), ...(lines.length > 4 ? [h("li", `and ${lines.length - 3} more`)] : [])];

// ---- the whole

function open(model, el) {
	const { recording, problem } = readRecording(model.get("recording"));
	if (problem) {
		const note = h("div.cqrs-explorer", h("p.problem.card", { role: "status" }, problem));
		el.append(note);
		return () => note.remove();
	}
	const uid = `cqrs-${Math.random().toString(36).slice(2, 10)}`; // many may live on one page
	const alone = Boolean(model.get("alone")); // a page of its own, not a cell
	const { steps, folds, map: places, title: name } = recording, total = steps.length;
	const stateAt = history(recording), questions = steps.filter((step) => step.question);
	const skipped = new Set(), unfolded = new Set(model.get("unfolded") ?? []);
	const undo = []; // for when the view goes
	const listen = (target, event, call) => {
		target.addEventListener(event, call);
		undo.push(() => target.removeEventListener(event, call));
	};
	let items = [], at = -1, timer = 0, frame = 0, landing = null, speed = 1, asking = null, mode = "", groups = [];
	let presenting = false, theme = "", stage = "light";

	const betOn = (n) => (model.get("bets") ?? {})[n];
	const unanswered = ({ n }) => !skipped.has(n) && betOn(n) === undefined;
	const limit = () => questions.find(unanswered)?.n ?? total;
	const foldAt = (n) => folds.find(({ first, last }) => first <= n && n <= last);

	// --- what there is to see
	const button = (what, label, title, click, ...inside) => h(what, { type: "button", "aria-label": label, title, click }, ...inside);
	const choice = (click) => button("button", null, null, click);
	const map = places && drawMap(recording, uid), code = drawCode();
	const [sign, kind, forward, ofAll, now] = ["span", "span", "span", "span", "b"].map((tag) => h(tag));
	const [passage, echo, segments, scenes, head] = ["route", "bet", "segs", "scenes", "playhead"].map((each) => h(`div.${each}`));
	const live = h("div.sr", { role: "status", "aria-live": "polite", "aria-atomic": "true" });
	const sentence = h("p", { dir: "auto" }), side = h("section.side.card"), changes = h("ul.changes.card", { "aria-hidden": "true" });
	const foldButton = button("button.fold", null, "Unfold or fold (U)", fold);
	const telling = h("div", h("div", h("div.kind", sign, kind, foldButton), passage), sentence);
	const panels = Object.keys(PANELS).filter((panel) => panel === "write" || places?.nodes.has(PANELS[panel][5]) || entries(recording.initial?.[panel])[0])
		.map((panel) => drawPanel(panel, panel === "write" && recording.architecture === RUNGS[3] ? "Event store" : null));
	const play = button("button", "Play", "Play or pause (space)", toggle, icon("play"));
	const next = button("button.primary", null, "Next (right arrow)", () => step(1), forward, icon("next"));
	const previous = button("button", "Previous step", "Previous (left arrow)", () => step(-1), icon("previous"));
	const slider = h("input", { type: "range", min: 1, "aria-label": "Step", input: () => jump(items[slider.value - 1]?.n ?? 0) });
	const strip = h("div.tl", h("div", { "aria-hidden": "true" }, h("div.lane", segments, head), scenes), slider);
	const count = h("div.count", now, ofAll), rung = RUNGS.indexOf(recording.architecture);
	count.style.width = `${String(total).length * (folds[0] ? 31 : 20) + 36}px`; // nothing beside it may move
	const [presentButton, themeButton, speedButton, foldAllButton] = [() => present(), nextTheme, nextSpeed, foldAll].map(choice);
	foldAllButton.hidden = !folds[0];
	const menu = h("div.menu.card", { id: `${uid}-menu`, hidden: true }, presentButton, themeButton, speedButton, foldAllButton, h("p", KEYS));
	const more = h("button", { type: "button", "aria-expanded": "false", "aria-controls": menu.id, click: () => openMenu(menu.hidden) }, "More");
	const grid = h("div.g", h("header.head", h(alone ? "h1" : "h2", { dir: "auto", title: name }, name),
		rung >= 0 && h("ol.ladder", { "aria-label": `Rung ${rung + 1} of 4` }, RUNGS.map((each, i) =>
			h(i === rung ? "li.on" : "li", { "aria-current": i === rung ? "true" : null }, h("b", `${i + 1}`), h("span", each)))),
		h("div.menu-of", more, menu)),
	h("div.map.card", { tabindex: 0, role: "group", "aria-label": "Map" }, map?.svg ?? h("p.none", "This recording has no map.")), telling, side,
	h("div.bar.card", h("div.btns", button("button.lo", "First step", "First (Home)", () => jump(1), icon("first")), previous, play, next,
		button("button.lo", "Last step", "Last (End)", () => jump(total), icon("last"))), strip, count),
	h(`div.data.n${panels.length}`, panels.map(({ root }) => root)), changes);
	const root = h(`section.cqrs-explorer${alone ? ".alone" : ""}`, { tabindex: -1, "data-lm-suppress-shortcuts": "true",
		"aria-label": `Explorer: ${cut(name, 100)}` }, grid, live);

	// --- the rarely used, behind "More"; themes: JupyterLab's first, then the reader's, then the system's
	function openMenu(yes) {
		menu.hidden = !yes;
		set(more, "aria-expanded", yes);
	}
	function nextSpeed() {
		speed = { 1: 2, 2: 0.5, 0.5: 1 }[speed];
		wear();
	}
	function nextTheme() {
		if (presenting) stage = stage === "light" ? "dark" : "light"; // light first: projectors wash out dark
		else theme = { "": "light", light: "dark", dark: "" }[theme];
		wear();
	}
	function wear() {
		const lab = document.body.dataset.jpThemeLight, own = lab ? lab === "false" ? "dark" : "light" : theme;
		root.style.colorScheme = presenting ? stage : own || "light dark";
		if (alone) document.documentElement.style.colorScheme = root.style.colorScheme;
		themeButton.hidden = Boolean(lab) && !presenting;
		say(themeButton, `Theme: ${presenting ? stage : theme || "auto"} (T)`);
		say(presentButton, presenting ? "Leave presenting (P)" : "Present (P)");
		say(speedButton, `Speed: ${{ 1: "normal", 2: "double", 0.5: "half" }[speed]}`);
	}
	const watch = new MutationObserver(wear);
	watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
	function present(on = !presenting) {
		if (on === presenting) return;
		presenting = on;
		stage = "light";
		openMenu(false);
		root.classList.toggle("present", on);
		root.classList.remove("blank");
		if (on) root.requestFullscreen?.().catch(() => {}); // where it is refused, the window is filled
		else if (document.fullscreenElement === root) document.exitFullscreen();
		wear();
		measure();
		root.focus({ preventScroll: true });
	}
	listen(root, "fullscreenchange", () => document.fullscreenElement || present(false));
	listen(document, "pointerdown", ({ target }) => menu.parentNode.contains(target) || openMenu(false));

	// --- the timeline: glyphs while they fit, then bare colours and one glyph where one stands
	function layOut() {
		const asked = folds.filter((f) => questions.some((q) => f.first <= q.n && q.n <= f.last && unanswered(q)));
		items = displayed(recording, new Set([...unfolded, ...asked.map(({ first }) => first)]));
		slider.max = Math.max(1, items.length);
		groups = [];
		items.forEach(({ scene }, start) => groups.at(-1)?.scene === scene ? groups.at(-1).size++ : groups.push({ scene, size: 1, start }));
		say(foldAllButton, unfolded.size === folds.length ? "Fold all" : "Unfold all");
		mode = "";
		measure();
	}
	function measure() {
		// Presenting, everything grows with the window.
		grid.style.zoom = presenting ? Math.max(1.5, Math.min(innerWidth * 0.00117, innerHeight * 0.00208)) : "";
		const room = strip.clientWidth / Math.max(1, items.length), fits = room >= 15 ? "glyphs" : room >= 4 ? "bars" : "lines";
		if (mode === fits) return paint();
		mode = strip.dataset.mode = fits;
		segments.replaceChildren(...items.map((item) => {
			const { role, glyph: sort, title } = looks(item);
			return h(`i.seg.${role}`, { title: `${item.first}. ${title} ${cut(item.name, 60)}` }, fits === "glyphs" && picture(sort, role));
		}));
		scenes.replaceChildren(...(fits === "glyphs" ? groups : [{ scene: "", size: 1 }]).map(({ scene, size }) => {
			const label = h("div", { title: scene }, h("span", { dir: "auto" }, scene));
			label.style.flexGrow = size;
			return label;
		}));
		paint();
	}
	function paint() {
		const index = indexOf(items, at), lock = indexOf(items, limit()), glyphs = mode === "glyphs";
		[...segments.children].forEach((seg, i) =>
			set(seg, "data-state", i > lock ? "lock" : i > index ? "todo" : i === index ? "on" : "done"));
		head.hidden = glyphs || index < 0;
		if (!head.hidden) {
			const { role, glyph: sort } = looks(items[index]);
			head.replaceChildren(picture(sort, role));
			head.style.left = `${(index + 0.5) / items.length * 100}%`;
		}
		const group = groups.findLastIndex(({ start }) => start <= index), { scene = "", start = 0, size = 0 } = groups[group] ?? {};
		if (!glyphs) say(scenes.firstChild.firstChild, size > 1 ? `${cut(scene, 60)}: step ${index - start + 1} of ${size}` : scene);
		[...scenes.children].forEach((label, i) => dress(label, !glyphs ? "on" : i !== group ? "" : start * 2 > items.length ? "on end" : "on"));
		// The current scene's name is always whole; names in its way are silent.
		const words = scenes.querySelector(".on > span"), left = words && words.parentNode.offsetLeft + words.offsetLeft;
		if (words) for (const { classList, offsetLeft, offsetWidth } of scenes.children)
			classList.toggle("quiet", !classList.contains("on") && offsetLeft < left + words.offsetWidth && left < offsetLeft + offsetWidth);
	}

	// --- moving the cursor
	// Stand at step n, or at the first open question before it; a fold that hides it unfolds.
	function go(n, moving = null) {
		n = clamp(Math.round(Number(n)) || 0, 0, limit());
		land();
		const before = indexOf(items, at), around = foldAt(n);
		if (around && n < around.last && !unfolded.has(around.first)) {
			unfolded.add(around.first);
			layOut();
		}
		at = items[indexOf(items, n)]?.n ?? 0;
		show(moving ?? indexOf(items, at) === before + 1);
		if (model.get("step") === at) return;
		model.set("step", at);
		model.save_changes();
	}
	function jump(n, moving = false) {
		pause();
		go(n, moving);
	}
	function step(by) {
		const item = items[indexOf(items, at) + by];
		if (item && item.first <= limit()) jump(item.n, by > 0);
	}
	function toggle() {
		if (timer) return pause();
		const tick = () => {
			const item = items[indexOf(items, at) + 1];
			if (!item || item.first > limit()) return pause();
			go(item.n, true);
			timer = setTimeout(tick, (2500 + item.note.length * 35) / speed);
		};
		timer = setTimeout(tick);
		set(play, "aria-label", "Pause");
		play.replaceChildren(icon("pause"));
	}
	function pause() {
		if (!timer) return;
		clearTimeout(timer);
		timer = 0;
		set(play, "aria-label", "Play");
		play.replaceChildren(icon("play"));
	}
	function refold(change, n) {
		land();
		change();
		model.set("unfolded", [...unfolded]);
		model.save_changes();
		layOut();
		jump(n);
	}
	function fold() {
		const around = foldAt(at);
		if (around && items[indexOf(items, at)].fold) refold(() => unfolded.add(around.first), around.first);
		else if (around) refold(() => unfolded.delete(around.first), around.last);
	}
	function foldAll() {
		if (unfolded.size === folds.length) refold(() => unfolded.clear(), foldAt(at)?.last ?? at);
		else refold(() => folds.forEach(({ first }) => unfolded.add(first)), at);
	}

	// --- showing a step: words at once, then the message travels, then what it changed
	function show(animate) {
		const index = indexOf(items, at), item = items[index] ?? null, bet = item && betAt(item);
		const { role, glyph: sort, title } = item ? looks(item) : { role: "neutral", glyph: "other", title: "Before the first step" };
		const span = item && item.first < item.last ? `${item.first}–${item.last}` : `${at}`;
		const words = item ? item.note : total ? "The shop before anything happens. Press Next." : "Nothing was recorded: this run has no steps.";
		const place = (id) => places?.nodes.get(id)?.label.toLowerCase() ?? text(id);
		const asked = Boolean(item?.question && unanswered(item));
		dress(telling, `say card ${role} ${words.length > 140 ? "wordy" : ""}`);
		sign.replaceChildren(picture(sort, role));
		say(kind, title);
		say(passage, item ? [...new Set([place(item.source), place(item.target)])].join(" → ") : "");
		say(sentence, words);
		foldButton.hidden = !foldAt(at);
		say(foldButton, item?.fold ? "Unfold" : "Fold");
		say(live, item ? `Step ${span} of ${total}. ${title}. ${words}` : words);
		say(now, span);
		say(ofAll, ` of ${total}`);
		slider.value = Math.max(1, index + 1);
		set(slider, "aria-valuetext", `Step ${span} of ${total}, ${title}`);
		next.disabled = index >= items.length - 1 || asked;
		previous.disabled = index <= 0;
		say(forward, asked ? "Answer first" : "Next");
		root.classList.toggle("ask", asked);
		set(side, "aria-label", asked ? "Prediction" : "Source code");
		paint();
		if (asked) ask(item);
		else {
			echo.hidden = !bet;
			echo.replaceChildren(...(bet ?? []));
			if (side.firstChild !== echo) side.replaceChildren(echo, ...code.parts);
			code.update(item);
		}
		const trip = map?.show(item, items.slice(Math.max(0, index - 8), Math.max(0, index)).filter(({ scene }) => scene === item.scene));
		landing = () => {
			const [before, after] = [stateAt((item?.first ?? 1) - 1), stateAt(at)];
			map?.land(item, before, after, item?.pending && { ...item.pending, hidden: asked });
			for (const panel of panels) panel.update(before, after);
			changes.replaceChildren(...(bet ? [h("li", betAt(item))] : linesOf(changedLines(before, after))));
			root.classList.toggle("calm", !changes.firstChild);
		};
		const box = map?.svg.parentNode;
		if (trip && box.scrollWidth > box.clientWidth) box.scrollLeft = trip.x / 840 * box.scrollWidth - box.clientWidth / 2;
		const still = !animate || !trip?.length || matchMedia("(prefers-reduced-motion: reduce)").matches;
		trip?.move(still ? 1 : 0);
		if (still) return land();
		const begin = performance.now(), time = clamp(trip.length * 2.2, 450, 1100) / speed;
		const tick = (when) => {
			const x = clamp((when - begin) / time, 0, 1);
			trip.move(x < 0.5 ? 2 * x * x : 1 - (2 - 2 * x) ** 2 / 2);
			if (x < 1) frame = requestAnimationFrame(tick);
			else land();
		};
		frame = requestAnimationFrame(tick);
	}
	function land() {
		cancelAnimationFrame(frame);
		const due = landing;
		landing = null;
		due?.();
	}

	// --- questions: bet first, then see; right and wrong look alike, the words decide
	// The bet to show beside this step: until the scene that shows the outcome ends.
	function betAt(item) {
		const asked = questions.findLast(({ n }) => n <= at && betOn(n) !== undefined);
		if (!asked) return null;
		const outcome = steps.find(({ n, target }) => n > asked.n && target === "client") ?? steps[asked.n] ?? asked;
		if (at > outcome.n && item.scene !== outcome.scene) return null;
		const { choices, right, why } = asked.question, bet = betOn(asked.n);
		const yours = ["You bet ", h("b", choices ? `${"ABCD"[bet]}: ${choices[bet]?.text}` : `${bet}`), h("br")];
		if (at < outcome.n) return [...yours, "Locked in. Press Next to see."];
		const shows = bet === right ? "Right." : `It shows: ${choices ? choices[right].text : right}.`;
		return [...yours, h("b", shows), ` ${choices ? choices[bet]?.why || choices[right].why : text(why)}`];
	}
	function ask({ n, question: { choices, text: words } }) {
		if (side.firstChild?.dataset.n === `${n}`) return;
		let picked = null;
		const lockIn = h("button.go.primary", { disabled: true }, choices ? "Choose an answer" : "Enter a number");
		const pick = (value) => {
			picked = Number.isNaN(value) ? null : value;
			lockIn.disabled = picked === null;
			say(lockIn, picked === null ? "Enter a number" : `Lock in ${choices ? "ABCD"[value] : value}`);
		};
		const done = () => {
			answered();
			next.focus({ preventScroll: true });
		};
		const lock = (event) => {
			event?.preventDefault();
			if (picked === null) return;
			model.set("bets", { ...model.get("bets"), [n]: picked });
			model.save_changes();
			done();
		};
		const options = choices ? choices.map((each, i) => h("label.opt",
			h("input", { type: "radio", name: uid, change: () => pick(i) }), h("kbd", "ABCD"[i]), h("span", each.text)))
			: [h("label.opt", h("span", "Your number"), h("input", { type: "number", step: "any", input: ({ target }) => pick(target.valueAsNumber) }))];
		asking = { lock, choose: (i) => choices && options[i]?.click() };
		side.replaceChildren(h("form", { "data-n": n, submit: lock }, h("fieldset", h("legend", h("span.kick", "PREDICT FIRST"), words), options,
			h("div.goes", lockIn, !model.get("quiz") && h("button", { type: "button", click: () => (skipped.add(n), done()) }, "Skip")))));
	}
	function answered() {
		layOut();
		show(false);
	}

	// --- keys
	function press(key) {
		const letter = root.classList.contains("ask") ? ["a", "b", "c", "d", "Enter"].indexOf(key) : -1;
		const act = letter === 4 ? asking.lock : letter >= 0 ? () => asking.choose(letter) : {
			ArrowRight: () => step(1), PageDown: () => step(1), ArrowLeft: () => step(-1), PageUp: () => step(-1),
			Home: () => jump(1), End: () => jump(total), " ": toggle, p: () => present(), u: fold, t: !themeButton.hidden && nextTheme,
			".": presenting && (() => root.classList.toggle("blank")),
			Escape: menu.hidden ? presenting && (() => present(false)) : () => (openMenu(false), more.focus()),
		}[key];
		if (act) act();
		return act;
	}
	listen(alone ? document : root, "keydown", (event) => {
		const { target: { type, tagName }, key } = event;
		const own = { radio: /^(Arrow.*| )$/, number: /^(Arrow.*|Home|End|[^])$/, range: /^$/ }[type] ??
			(tagName === "BUTTON" ? /^(Enter| )$/ : /^(INPUT|TEXTAREA|SELECT)$/.test(tagName) ? /./ : /^$/);
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		event.stopPropagation(); // or JupyterLab takes a "b" for "insert a cell"
		if (!own.test(key) && press(key.length === 1 ? key.toLowerCase() : key)) event.preventDefault();
	});

	// --- Python, another view of the model and the page's address move the cursor too
	const moved = () => model.get("step") !== at && jump(model.get("step"), null);
	for (const [event, call] of [["change:step", moved], ["change:bets", answered]]) {
		model.on(event, call);
		undo.push(() => model.off(event, call));
	}
	el.append(root);
	wear();
	layOut();
	go(model.get("step") ?? 1, false);
	const sizes = new ResizeObserver(measure);
	sizes.observe(strip);
	return () => {
		pause();
		cancelAnimationFrame(frame);
		[watch, sizes].forEach((each) => each.disconnect());
		undo.forEach((each) => each());
		root.remove();
	};
}

// anywidget's entry: draw the model's recording in el, anew whenever it is another.
function render({ model, el }) {
	let close = open(model, el);
	const renew = () => {
		close();
		close = open(model, el);
	};
	model.on("change:recording", renew);
	return () => {
		model.off("change:recording", renew);
		close();
	};
}

const explorer = { render };
export default explorer;
