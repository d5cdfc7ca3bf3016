// A slider over a log: one aggregate and its read models, as they were at any position.
//
// Everything that is shown was worked out beforehand and comes as text, so no kernel is asked.

import { clamp, dress, h, list, picture, plural, say, set, text } from "./stage.js";

let count = 0;

function read(words) {
	try {
		const data = JSON.parse(words), stops = list(data.stops);
		return stops.length ? { ...data, stops } : null;
	} catch {
		return null;
	}
}

// One field: a sign in the gutter, its name, the old value struck through, the new one.
const row = ({ name, value, mark, old }) => h(`tr${mark === "+" ? ".add" : ""}`,
	h("td.gutter", text(mark)), h("th", { scope: "row" }, text(name)),
	h(`td${mark === "~" ? ".chg" : ""}`, { dir: "auto" },
		mark === "~" ? [h("s", text(old)), " "] : null, text(value)));

const table = (label, rows) => h("table", { "aria-label": label }, h("tbody", list(rows).map(row)));
const signOf = ({ sort, own }) => ({ event: own ? "event.own" : "event", delivery: "delivery.process" }[sort] ?? "begin");
const broken = (words) => text(words).split(/(?<=[a-z])(?=[A-Z])/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]));
const anyMark = (rows) => list(rows).some(({ mark }) => mark);

function drawDocument({ name, mark, rows }, note) {
	const changed = { "+": ".add", "−": ".del" }[mark] ?? (anyMark(rows) ? ".mod" : "");
	return h(`div.doc${changed}`, h("div.doc-head", h("b", text(name)), h("span", { "+": "new", "−": "gone" }[mark] ?? note)),
		table(`Document ${text(name)}`, list(rows).map((each) => (mark === "+" ? { ...each, mark: "" } : each))));
}

function open({ model, el }) {
	const data = read(model.get("data"));
	if (!data) return el.append(h("p", "There is nothing to travel through."));
	const { stops, stream, kind, last, delivered } = data, own = stops.filter((each) => each.own);
	const name = `cqrs-travel-${++count}`, label = h("label", { for: name }, "Move through time");
	const slider = h("input", { id: name, type: "range", min: 0, max: stops.length - 1, step: 1, input: () => go(Number(slider.value)) });
	const place = (i) => `left:calc(12px + (100% - 24px) * ${stops.length > 1 ? i / (stops.length - 1) : 0})`;
	const marks = stops.map((stop, i) => h(`i.${signOf(stop)}`, { style: place(i) }));
	const kinds = [["event.own", "of this stream"], ["event", "elsewhere"], ["delivery.process", "delivered"]];
	const legend = h("span.legend", { "aria-hidden": "true" }, kinds.filter(([each]) => stops.some((stop) => signOf(stop) === each))
		.map(([each, words]) => h("span", h(`i.${each}`, { "data-state": "done" }), words)));
	const days = stops.flatMap(({ day }, i) => (day && day !== stops[i - 1]?.day ? [h("span", { style: place(i) }, day)] : []));
	const track = h("div.track", { "aria-hidden": "true" }, marks), calendar = h("div.days", { "aria-hidden": "true" }, days);
	const back = h("button", { title: "One stop earlier (left arrow)", click: () => go(at() - 1) }, "‹ Earlier");
	const on = h("button", { title: "One stop later (right arrow)", click: () => go(at() + 1) }, "Later ›");
	const [when, what, where, fields] = ["b", "b", "span", "code"].map((each) => h(each, { dir: "auto" }));
	const sign = h("span.sign"), now = h("div.now", sign, h("div", h("p.line", what, where), fields), when);
	const live = h("p.sr", { role: "status", "aria-live": "polite" });
	const events = h("ol.events", own.map((each) => h("li", h("span.v", text(each.version)), h("span", broken(each.what)), h("small", text(each.when)))));
	const folded = h("div.fold-of"), documents = h("div.docs"), gauge = h("span.flag");
	const panel = (role, title, small, ...inside) => h(`section.panel.card.${role}`, { "aria-label": `${title} ${small}` },
		h("header.ph", h("span", title), h("small", small), ...inside));
	const [left, middle, right] = [
		panel("event", "Stream", stream), panel("aggregate", kind, "folded from its stream"),
		panel("read", "Read models", delivered ? "as shown then" : "when caught up", gauge),
	];
	left.append(h("div.body", events));
	middle.append(h("div.body", folded));
	right.append(h("div.body", documents));
	const three = h("div.three", left, middle, right);
	let width = 0, tallest = 0; // it only grows, so that what stands below does not jump
	const hold = (event) => event.stopPropagation(); // JupyterLab has plans of its own for the arrow keys
	el.append(h("section.cqrs-explorer.travel", { "data-lm-suppress-shortcuts": "true", keydown: hold, "aria-label": `The past of ${stream}` },
		h("div.g", h("div.ride.card", h("div.way-of", back, h("div.rail", h("div.over", label, legend), slider, track, calendar), on), now),
			three), live));

	const at = () => clamp(Math.trunc(model.get("stop")) || 0, 0, stops.length - 1);
	function go(stop) {
		model.set("stop", clamp(stop, 0, stops.length - 1));
		model.save_changes();
		show(true);
	}
	function show(speak) {
		const i = at(), stop = stops[i], { sort, behind } = stop;
		if (Number(slider.value) !== i) slider.value = i;
		set(slider, "aria-valuetext", `${text(stop.when)}, ${text(stop.what)}, position ${stop.position} of ${last}`);
		set(back, "aria-disabled", i === 0); // disabled, they would lose the focus
		set(on, "aria-disabled", i === stops.length - 1);
		marks.forEach((mark, j) => set(mark, "data-state", j < i ? "done" : j === i ? "on" : "todo"));
		const role = sort === "event" ? "event" : sort === "delivery" ? "process" : "neutral";
		dress(now, `now ${role}`);
		sign.replaceChildren(picture({ glyph: sort === "event" ? "event" : sort === "delivery" ? "answer" : "other", role }));
		say(when, text(stop.when));
		say(what, text(stop.what));
		say(where, sort === "event" && !stop.own ? " elsewhere in the shop" : sort === "delivery" ? ` up to position ${stop.seen}` : "");
		say(fields, text(stop.fields));
		const version = own.filter((each) => each.position <= stop.position).length;
		[...events.children].forEach((item, j) => dress(item, j >= version ? "todo" : stop.own && j === version - 1 ? "on" : "done"));
		const fresh = !anyMark(stop.aggregate) && list(stop.aggregate).length ? "unchanged" : "";
		set(middle, "data-changed", anyMark(stop.aggregate) ? "changed" : fresh);
		folded.replaceChildren(list(stop.aggregate).length ? table(`${kind}, folded`, stop.aggregate) : h("p.none", "It does not exist yet."));
		const note = `checkpoint ${stop.seen}`;
		documents.replaceChildren(...(list(stop.documents).length ? list(stop.documents).map((each) => drawDocument(each, note))
			: [h("p.none", "No document tells of it yet.")]));
		documents.classList.toggle("late", behind > 0);
		say(gauge, behind ? `${plural(behind, "event")} behind` : stop.position ? "✓ up to date" : "");
		gauge.classList.toggle("late", behind > 0);
		gauge.classList.toggle("event", behind > 0);
		if (three.clientWidth !== width) {
			[width, tallest] = [three.clientWidth, 0];
			three.style.minHeight = "";
		}
		tallest = Math.max(tallest, three.offsetHeight);
		three.style.minHeight = `${tallest}px`;
		if (speak) say(live, text(stop.says));
	}
	const moved = () => show(false);
	model.on("change:stop", moved);
	show(false);
	return () => model.off("change:stop", moved);
}

export const travel = { render: open };
