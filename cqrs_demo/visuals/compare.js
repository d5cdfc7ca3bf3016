// Two to four runs beside each other on one cursor, call by call; what is not the same is marked.
//
// The cursor walks through the calls: the k-th call of each run stands beside the k-th of the others,
// and a run with fewer steps in it rests at its last one. A folded delivery is one step.

import {
	RUNGS, area, complain, cut, dress, extras, fill, finite, h, host, looks, picture, plural, say, stage, text,
} from "./stage.js";
import {
	brief, changedLines, displayed, drawMap, fieldsOf, heldBy, history, lineOf, readRecording, staleness, summary,
} from "./explorer.js";

// ---- reading (pure)

// The displayed steps of one run, call by call.
export function callsOf(items) {
	const calls = [];
	for (const item of items) {
		if (!calls.length || item.call !== calls.at(-1)[0].call || item.source === "client") calls.push([]);
		calls.at(-1).push(item);
	}
	return calls;
}

// The cursor's positions: what each run shows there; null as long as it has shown nothing.
export function align(runs) {
	const calls = runs.map(callsOf), shown = runs.map(() => null), positions = [];
	for (let k = 0; k < Math.max(...calls.map((each) => each.length)); k++) {
		const here = calls.map((each) => each[k] ?? []);
		for (let i = 0; i < Math.max(...here.map((each) => each.length)); i++) {
			here.forEach((each, column) => { shown[column] = each[i] ?? shown[column]; });
			positions.push([...shown]);
		}
	}
	return positions;
}

const panelsOf = ["screen", "write", "read", "outbox", "bus", "checkpoints"];
const shownFields = { __proto__: null, answers: ["answer", "stale"], last: ["outcome"], log: [] }; // the others are how, not what

// Where the states of several runs differ: { id, where, word, values }, one value a run. A value is
// null if its run lacks the row, and undefined if it has no such table: then it is another rung.
export function differences(states, rungs) {
	const found = [];
	for (const panel of panelsOf) {
		const tables = states.map((state) => state.get(panel) ?? new Map());
		for (const table of new Set(tables.flatMap((each) => [...each.keys()]))) {
			const has = rungs.map((rung) => tables.some((each, i) => rungs[i] === rung && each.has(table)));
			if (has.filter(Boolean).length < 2 || table.includes(".")) continue; // look-up documents are a projection's own
			const rows = tables.map((each) => each.get(table) ?? new Map());
			for (const key of new Set(rows.flatMap((each) => [...each.keys()])))
				found.push(...inRow(panel, table, key, rows.map((each, i) => (has[i] ? each.get(key) ?? null : undefined))));
		}
	}
	return found;
}

function inRow(panel, table, key, rows) {
	const id = `${panel}/${table}/${key}`, there = rows.filter((row) => row !== undefined);
	const where = panel === "screen" ? (table === "answers" ? key : "the command") : `${panel === "read" ? "document " : ""}${table} ${key}`;
	if (there.includes(null)) // what one has sent or asked and another not yet is no difference
		return panel === "screen" ? [] : [{ id, where, word: "not in all", values: rows.map((row) => row && cut(brief(row), 60)) }];
	const names = shownFields[table] ?? shownFields[key] ?? [...new Set(there.flatMap((row) => Object.keys(fieldsOf(row))))];
	return names.flatMap((name) => {
		const values = rows.map((row) => row && (fieldsOf(row)[name] ?? null)), told = values.filter((_, i) => rows[i] !== undefined);
		if (told.every((value) => brief(value) === brief(told[0]))) return [];
		const word = panel !== "screen" ? "another value" : table === "command" ? "another outcome" : name === "stale" ? "another age" : "another answer";
		const words = name === "stale" ? values.map((value) => (value ? "stale" : "current")) : apart(values);
		return [{ id: `${id}/${name}`, where: `${where}${panel === "screen" ? "" : ` ${name}`}`, word, values: words.map((each, i) => rows[i] && each) }];
	});
}

// What of several values is not the same, in words: of rows the fields that differ, and of long words
// what begins to differ.
export function apart(values) {
	const words = namesApart(values), told = words.filter((_, i) => values[i] !== undefined);
	let same = 0;
	while (same < told[0].length && told.every((each) => each[same] === told[0][same])) same++;
	return words.map((each) => cut(same > 40 ? `…${each.slice(same - 20)}` : each, 60));
}

function namesApart(values) {
	const told = values.filter((value) => value !== undefined), lists = told.filter(Array.isArray).length;
	const deep = told.length > 1 && told.every((value) => value && typeof value === "object" && Object.keys(value)[0]);
	if (!deep || lists && lists < told.length) return values.map(brief);
	const names = [...new Set(told.flatMap(Object.keys))].filter((name) => told.some((value) => brief(value[name]) !== brief(told[0][name])));
	const parts = names.map((name) => namesApart(values.map((value) => value && (value[name] ?? null))));
	return values.map((_, i) => names.map((name, k) => `${lists ? `row ${Number(name) + 1}` : name} ${parts[k][i]}`).join(" · "));
}

// What some runs have got and others still wait for, within the call that `steps` show of each run; a
// step is null for a run that has no such call.
export function awaited(steps, states) {
	const waits = steps.find((step) => step?.pending)?.pending.lane;
	if (!waits || !steps.some((step) => step && !step.pending)) return [];
	const got = states.map((state) => {
		const { last, question, held } = heldBy(state);
		return waits === "send" ? ["the command", text(last?.outcome)] : [question ?? "", held ? summary(held.answer) : ""];
	});
	const [where] = got[steps.findIndex((step) => step && !step.pending)];
	return [{ id: waits === "send" ? "screen/command/last/outcome" : `screen/answers/${where}`, where, word: "not yet in all",
		values: steps.map((step, i) => (!step ? "–" : step.pending ? "…" : cut(got[i][1], 60))) }];
}

// What only one of the runs has, as a sentence each.
export function peculiar(states, names) {
	const said = { write: "the table", read: "documents of", outbox: "an outbox", bus: "a bus", checkpoints: "checkpoints" };
	const has = states.map((state) => Object.entries(said).flatMap(([panel, words]) => {
		const tables = [...(state.get(panel)?.keys() ?? [])].filter((table) => !table.includes("."));
		return /^(write|read)$/.test(panel) ? tables.map((table) => `${words} ${table}`) : tables.length ? [words] : [];
	}));
	return has.flatMap((mine, i) => {
		const own = mine.filter((each) => has.every((other, j) => j === i || !other.includes(each)));
		return own.length ? [`Only ${names[i]} has ${own.join(", ")}.`] : [];
	});
}

// ---- drawing

const MOST = 8; // lines of what changed, and of what differs, before "and n more"

// One run: its name, its map, what happened, and what the client sees.
function drawColumn(recording, label, uid, tight) {
	const map = recording.map && drawMap(recording, uid, tight), client = map?.nodes.get("client");
	if (client) client.g.style.display = "none"; // told in words below, which stay readable when the map is small
	map?.nodes.get("one_model")?.g.querySelector(":scope > .s")?.remove(); // the caption says it, and has room
	map?.svg.setAttribute("viewBox", "128 0 712 336");
	const rung = RUNGS.indexOf(recording.architecture);
	const [flag, rests, sign, kind] = ["span.flag", "span.rests", "span", "span"].map((each) => h(each));
	const sentence = h("p", { dir: "auto" }), [sent, outcome, asked, answer] = ["dd", "dd.came", "dd", "dd.came"].map((each) => h(each, { dir: "auto" }));
	const told = h("div.told");
	told.append(h("div.kind", sign, kind, rests), sentence);
	const lines = h("ul"), changes = h("section.changed.card", { "aria-label": `What changed: ${label || recording.architecture}` }, h("h3", "What changed"), lines);
	const box = area("div.map", `Map: ${label || recording.architecture}`, map?.svg ?? h("p.none", "This recording has no map."));
	const root = h("section.col.card", { "aria-label": label || recording.architecture },
		h("header.ph", rung >= 0 && h("b.rung", `${rung + 1}`), h("h3", { dir: "auto", title: label }, label || recording.architecture),
			label ? h("small", recording.architecture) : null, flag),
		box, told,
		h("dl.screen", h("dt", "Client sent"), sent, outcome, h("dt", "Client sees"), asked, answer));
	function show(item, moved, earlier) {
		const look = looks(item);
		dress(told, `told ${look.role}`);
		fill(sign, picture(look));
		say(kind, item ? look.title : "Not yet");
		say(rests, item && !moved ? "rests" : "");
		say(sentence, item?.note ?? "Nothing has happened here.");
		return map?.show(item, earlier) ?? null;
	}
	// Where the map is wider than its place, show where the message is.
	const settle = (trip) => { if (trip) box.scrollLeft = (trip.x - 128) / 712 * box.scrollWidth - box.clientWidth / 2; };
	function land(item, before, after, asking, differs) {
		map?.land(item, before, after, asking);
		const { behind, stopped, projections } = staleness(after);
		say(flag, !projections.length ? "" : stopped[0] ? `${stopped.length} stopped` : behind ? `${plural(behind, "event")} behind` : "✓ up to date");
		dress(flag, `flag late ${stopped[0] ? "rejection" : behind ? "event" : "read"}`);
		const { last, question, held } = heldBy(after), waits = asking?.lane, mark = (id) => (differs.has(id) ? h("em", `≠ ${differs.get(id)}`) : "");
		const came = text(last?.outcome), refused = came.startsWith("refused");
		say(sent, cut(waits === "send" ? asking.name : text(last?.sent) || "nothing", 80));
		fill(outcome, waits === "send" ? "…" : came && h("b", refused ? `✕ ${cut(came, 80)}` : `✓ ${came}`), waits === "send" ? "" : mark("screen/command/last/outcome"));
		dress(outcome, `came ${refused ? "rejection" : ""}`);
		say(asked, cut(waits === "ask" ? asking.name : question ?? "nothing", 80));
		const age = !held ? "" : held.stale ? " · stale" : finite(held.reflects) ? ` · as of event ${held.reflects}` : "";
		fill(answer, waits === "ask" ? asking.hidden ? "?" : "…" : held && [h("b", cut(summary(held.answer), 120)), age,
			mark(`screen/answers/${question}/answer`) || mark(`screen/answers/${question}`)]);
		const all = before === after ? [] : changedLines(before, after), shown = all.slice(0, all.length > MOST ? MOST - 1 : MOST);
		fill(lines, shown.map((line) => {
			const drawn = lineOf(line), word = differs.get(`${line.id}/${line.field}`) ?? differs.get(line.id);
			if (word) drawn.append(h("em", `≠ ${word}`));
			return drawn;
		}), all.length > shown.length ? h("li", `and ${all.length - shown.length} more`) : !all.length && h("li.quiet-line", "Nothing changed here."));
	}
	return { root, changes, show, land, settle };
}

function drawDifferences(names) {
	const head = h("div.ph", h("h3", "What differs now")), flag = h("span.flag.late"), body = area("div.body", "What differs now");
	head.append(flag);
	let inFull = false, last = [];
	function update(found, notes) {
		last = [found, notes];
		const shown = inFull ? found : found.slice(0, MOST);
		say(flag, found.length ? `≠ ${plural(found.length, "difference")}` : "= the same");
		const value = (each) => each === null ? "∅ not there" : each === undefined ? "no such table" : each;
		fill(body, found.length ? h("table", h("thead", h("tr", h("th", { scope: "col" }, "where"), h("th", { scope: "col" }, "how"),
			names.map((name) => h("th", { scope: "col", dir: "auto" }, cut(name, 40))))),
		h("tbody", shown.map(({ where, word, values }) => h("tr", h("th", { scope: "row", dir: "auto" }, cut(where, 60)), h("td", `≠ ${word}`),
			values.map((each) => h(each == null ? "td.not" : "td", { dir: "auto" }, value(each))))))) : h("p.none", "No row, no outcome and no answer differs here."),
		found.length > MOST && h("button.rest", { click() {
			inFull = !inFull;
			body.focus({ preventScroll: true });
			update(...last);
		} }, inFull ? "show fewer" : `and ${found.length - MOST} more`), notes.map((note) => h("p.none", note)));
	}
	return { root: h("section.differences.card", { "aria-label": "Differences" }, head, body), update };
}

function openRuns(model, el, kept) {
	const read = [...(model.get("recordings") ?? [])].slice(0, 4).map(readRecording), bad = read.find(({ problem }) => problem);
	if (bad || !read[1]) return complain(el, bad?.problem ?? "To compare, there must be at least two recordings.");
	const uid = `cqrs-${Math.random().toString(36).slice(2, 10)}`, runs = read.map(({ recording }) => recording);
	const labels = runs.map((_, i) => text((model.get("labels") ?? [])[i])), names = runs.map(({ architecture }, i) => labels[i] || architecture);
	const stateAt = runs.map((run) => history(run)), rungs = runs.map(({ architecture }) => architecture);
	const told = runs.map((run) => displayed(run)), positions = align(told);
	const callOf = new Map(told.flatMap((steps) => callsOf(steps).flatMap((call, k) => call.map((step) => [step, k]))));
	const columns = runs.map((run, i) => drawColumn(run, labels[i], `${uid}-${i}`, runs.length === 3));
	const differs = drawDifferences(names), question = h("section.side.card", { "aria-label": "Prediction" }), echo = h("div.bet");
	const title = [...new Set(runs.map((run) => run.title))].join(" / ");
	// A position looks like the step of the first run that moves there.
	const items = positions.map((shown, p) => {
		const lead = shown.find((item, i) => item && item !== positions[p - 1]?.[i]);
		return { ...lead, n: p + 1, first: p + 1, last: p + 1, scene: lead.scene.replace(/ · \d+ of \d+$/, "") };
	});
	const lines = runs.map((run, i) => ({ steps: run.steps, key: `${i}:`, who: names[i],
		place: (n, end) => 1 + positions[end ? "findLastIndex" : "findIndex"]((shown) => shown[i] && shown[i].first <= n && n <= shown[i].last) }));

	function show(item, { at, card, bet, total }) {
		const shown = positions[at - 1] ?? [], past = positions[at - 2] ?? [];
		const moved = columns.map((_, i) => Boolean(shown[i]) && shown[i] !== past[i]);
		question.hidden = !card && !bet;
		fill(echo, bet);
		if (question.firstChild !== (card ?? echo)) fill(question, card ?? echo);
		const trips = columns.map((column, i) => column.show(shown[i] ?? null, moved[i], earlier(i, at)));
		const notes = columns.map((_, i) => moved[i] && `${names[i]}: ${shown[i].note}`).filter(Boolean).join(" ");
		return { settle: () => columns.forEach((column, i) => column.settle(trips[i])), words: notes || (total ? "Before anything happens. Press Next." : "Nothing was recorded."),
			trips: trips.filter((trip, i) => trip && (moved[i] || (trip.move(1), false))), land() {
				const after = stateAt.map((of, i) => of(shown[i]?.last ?? 0));
				const call = Math.max(...shown.map((step) => callOf.get(step) ?? -1)), within = shown.map((step) => (callOf.get(step) === call ? step : null));
				const found = [...differences(after, rungs), ...awaited(within, after)], words = new Map(found.map(({ id, word }) => [id, word]));
				columns.forEach((column, i) => {
					const step = shown[i] ?? null, before = moved[i] ? stateAt[i](step.first - 1) : after[i];
					column.land(step, before, after[i], step?.pending && { ...step.pending, hidden: Boolean(card?.dataset.key.startsWith(`${i}:`)) }, words);
				});
				differs.update(found, peculiar(after, names));
			} };
	}
	// What a run showed just before, within the same scene.
	function earlier(i, at) {
		const now = positions[at - 1]?.[i], past = [...new Set(positions.slice(Math.max(0, at - 9), Math.max(0, at - 1)).map((shown) => shown[i]))];
		return past.filter((item) => item && item !== now && item.scene === now?.scene);
	}
	const view = stage(model, el, {
		uid, deeds: extras.live?.(model), what: "Comparison", name: () => title, zoom: 0.8, layOut: () => items, lines: () => lines, show,
		before: [h(`div.cols.c${runs.length}`, columns.map(({ root }) => root))],
		after: [question, differs.root, h(`div.whats.c${runs.length}`, columns.map(({ changes }) => changes))],
	}, kept);
	view.root.classList.add("compare");
	view.begin();
	return { close: view.close, renew: () => false };
}

export const comparison = { render: (context) => host(context, openRuns, "recordings", "labels") };
