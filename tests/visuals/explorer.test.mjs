// The parts of the explorer that need no page. Run with: node --test tests/visuals/

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	brief, changedLines, diff, displayed, halves, history, pointAt, points, readRecording, readable, route, staleness, summary,
} from "../../cqrs_demo/visuals/explorer.js";
import { indexOf, looks } from "../../cqrs_demo/visuals/stage.js";

const step = (kind, source, target, changes = {}, more = {}) => ({ kind, source, target, changes, name: kind, note: "", ...more });
const place = (x, y) => ({ label: "A place", role: "command", shape: "tag", x, y, w: 112, h: 56 });
const MAP = {
	nodes: { client: place(70, 177), handler: place(232, 86), store: place(544, 86), outbox: place(645, 86), relay: place(776, 86), read: place(588, 274) },
	edges: [
		{ source: "client", target: "handler", path: "M132 86H176", call: "send" },
		{ source: "client", target: "handler", path: "M132 274H176", call: "ask" },
		{ source: "handler", target: "store", path: "M288 86H484" },
		{ source: "outbox", target: "relay", path: "M684 86H724", waits: false },
		{ source: "relay", target: "read", path: "M776 114V152L692 274", waits: false },
	],
};
const recording = (more = {}) => readRecording({ format: "cqrs-demo/recording", version: 1, title: "t", architecture: "two-stores", map: MAP, initial: {}, steps: [], folds: [], ...more }).recording;
const many = (n) => Array.from({ length: n }, (_, i) => step("save", "handler", "store", { write: { t: { [`k${i % 7}`]: i % 11 === 10 ? null : { i } } } }));
const plain = (state) => JSON.stringify([...state].map(([panel, tables]) => [panel, [...tables].map(([name, rows]) => [name, [...rows]])]));

test("the state at a step is the same whether one walks, jumps or goes back", () => {
	const at = history(recording({ initial: { write: { t: { first: { i: -1 } } } }, steps: many(65) }));
	const walked = Array.from({ length: 66 }, (_, n) => plain(at(n)));
	for (const n of [65, 3, 20, 19, 21, 40, 0, 64, 39, 41]) assert.equal(plain(at(n)), walked[n], `step ${n}`);
	assert.equal(plain(at(-5)), walked[0]);
	assert.equal(plain(at(500)), walked[65]);
});

test("what a step leaves alone is shared with the state before it", () => {
	const at = history(recording({ initial: { write: { a: { k: { v: 1 } } }, read: { b: {} } }, steps: many(3) }));
	const [before, after] = [at(1), at(2)];
	assert.equal(before.get("read"), after.get("read"));
	assert.equal(before.get("write").get("a"), after.get("write").get("a"));
	assert.notEqual(before.get("write"), after.get("write"));
});

test("keys such as __proto__ are keys like any other", () => {
	const changes = JSON.parse('{"write": {"__proto__": {"__proto__": {"v": 1}}}}');
	const state = history(recording({ steps: [step("save", "handler", "store", changes)] }))(1);
	assert.deepEqual(state.get("write").get("__proto__").get("__proto__"), { v: 1 });
	assert.equal({}.v, undefined);
});

test("the newest answer of a client comes last", () => {
	const answer = (key, reflects) => step("answer", "handler", "client", { screen: { answers: { [key]: { reflects } } } });
	const at = history(recording({ steps: [answer("a", 1), answer("b", 2), answer("a", 3)] }));
	assert.deepEqual([...at(3).get("screen").get("answers").keys()], ["b", "a"]);
});

test("a table's rows are marked as added, changed, removed, or not at all", () => {
	const before = new Map([["a", { v: 1, w: 2 }], ["b", { v: 1 }], ["c", { v: 1 }]]);
	const after = new Map([["a", { v: 3, w: 2 }], ["b", { v: 1 }], ["d", { v: 1 }]]);
	const rows = diff(before, after).map(({ key, mark, fields }) => [key, mark, [...fields]]);
	assert.deepEqual(rows, [["a", "~", ["v"]], ["b", "", []], ["c", "−", []], ["d", "+", []]]);
	assert.deepEqual(diff(undefined, undefined), []);
});

test("what changed is told in words, the checkpoint last", () => {
	const at = history(recording({
		initial: { write: { orders: { "o-7": { status: "draft" } } }, checkpoints: { projections: { users: { checkpoint: 4 } } } },
		steps: [step("save", "handler", "store", {
			write: { orders: { "o-7": { status: "placed" } } }, outbox: { waiting: { 6: { position: 6, event: "OrderPlaced" } } },
			checkpoints: { log: { written: { position: 6 } }, projections: { users: { checkpoint: 6 } } },
		})],
	}));
	assert.deepEqual(changedLines(at(0), at(1)), [
		{ id: "write/orders/o-7", field: "status", mark: "~", where: "orders o-7 status", old: "draft", now: "placed" },
		{ id: "outbox/waiting/6", mark: "+", where: "outbox", old: "", now: "6 OrderPlaced" },
		{ id: "checkpoints/projections/users", field: "checkpoint", mark: "~", where: "checkpoint users checkpoint", old: "4", now: "6" },
	]);
});

test("a path is read as corners, and only a plain one", () => {
	assert.deepEqual(points("M288 274H590V124"), [[288, 274], [590, 274], [590, 124]]);
	assert.deepEqual(points("M0,0L-3.5 4"), [[0, 0], [-3.5, 4]]);
	for (const bad of ["", "M1 2", "M1 2C3 4 5 6 7 8", "M1 2H", "M1 2L3", null, 7, "H3", "<script>", "M1e9 2H3x"])
		assert.equal(points(bad), null, String(bad));
});

test("a message takes the line its call belongs to, in its direction", () => {
	const { map } = recording();
	assert.deepEqual(route(map, "client", "handler", "send").legs, [{ edge: 0, forward: true }]);
	assert.deepEqual(route(map, "handler", "client", "ask"), { legs: [{ edge: 1, forward: false }], points: [[176, 274], [132, 274]] });
});

test("a message goes over two lines, a fold's over as many as it takes", () => {
	const { map } = recording();
	assert.deepEqual(route(map, "client", "store", "send").legs.map(({ edge }) => edge), [0, 2]);
	assert.deepEqual(route(map, "outbox", "read", null, 6).points.at(-1), [692, 274]);
});

test("places without a line between them get a straight one, unknown places none", () => {
	const { map } = recording();
	assert.deepEqual(route(map, "store", "read"), { legs: [], points: [[544, 86], [588, 274]] });
	assert.deepEqual(route(map, "store", "the moon"), { legs: [], points: [] });
	assert.deepEqual(route(map, "store", "store"), { legs: [], points: [] });
	assert.deepEqual(route(null, "client", "store"), { legs: [], points: [] });
});

test("a point on the way is so many pixels along its corners", () => {
	const way = [[0, 0], [10, 0], [10, 20]];
	assert.deepEqual(pointAt(way, 4), { x: 4, y: 0, vertical: false, length: 30 });
	assert.deepEqual(pointAt(way, 15), { x: 10, y: 5, vertical: true, length: 30 });
	assert.deepEqual(pointAt(way, 99), { x: 10, y: 20, vertical: true, length: 30 });
});

test("a fold is shown as one step until it is unfolded", () => {
	const whole = recording({ steps: many(6), folds: [{ first: 2, last: 5, name: "2 events", kind: "event", source: "outbox", target: "read", scene: "Deliver", note: "n" }] });
	const items = displayed(whole);
	assert.deepEqual(items.map(({ first, last }) => [first, last]), [[1, 1], [2, 5], [6, 6]]);
	assert.equal(looks(items[1]).title, "2 events");
	assert.equal(looks({ ...items[1], kind: "fault" }).role, "rejection");
	assert.equal(items[1].scene, "Deliver");
	assert.deepEqual([0, 1, 2, 4, 5, 6].map((n) => indexOf(items, n)), [-1, 0, 1, 1, 1, 2]);
	assert.equal(displayed(whole, new Set([2])).length, 6);
});

test("folds that overlap or lie outside are left out", () => {
	const fold = (first, last) => ({ first, last });
	const { folds } = recording({ steps: many(6), folds: [fold(2, 3), fold(3, 5), fold(5, 9), fold("a", 4), null, fold(6, 6)] });
	assert.deepEqual(folds, [fold(2, 3)]);
});

test("a step has the colour of the side it happens on", () => {
	assert.deepEqual(looks(step("save", "aggregate", "write_store")), { role: "aggregate", glyph: "save", title: "Save" });
	assert.deepEqual(looks(step("save", "projections", "read_store")), { role: "read", glyph: "answer", title: "Apply" });
	assert.equal(looks(step("command", "command_handler", "aggregate")).title, "Decide");
	assert.equal(looks(step("toString", "x", "y")).role, "neutral");
});

test("what travels is readable", () => {
	assert.equal(readable({ PlaceOrder: { order_id: "o-7" } }), 'PlaceOrder(order_id="o-7")');
	assert.equal(readable([{ position: 6, stream: "s", OrderPlaced: { order_id: "o-7" } }]), '6 OrderPlaced(order_id="o-7")');
	assert.equal(readable({ OutOfStock: "none left" }), "OutOfStock: none left");
	assert.equal(readable({ Ship: { at: "2026-01-05T09:04:00.000000Z" } }), 'Ship(at="2026-01-05T09:04:00Z")');
	assert.deepEqual([null, [], 3, "x"].map(readable), ["nothing", "[]", "3", "x"]);
});

test("a value in a cell is short", () => {
	assert.equal(brief([{ sku: "tea", quantity: 2 }, { sku: "mug", quantity: 1 }]), "tea · 2; mug · 1");
	assert.equal(brief("2026-01-01T12:03:00.000000Z"), "2026-01-01 12:03");
	assert.deepEqual([null, undefined, [], true, 0].map(brief), ["–", "–", "none", "true", "0"]);
	assert.deepEqual([[], [{}, {}], { order_id: "o-7", status: "placed" }, "NotFound: no", null].map(summary), ["no rows", "2 rows", "o-7 placed", "NotFound", "nothing"]);
});

test("staleness is what the slowest projection lacks", () => {
	const at = history(recording({ initial: { checkpoints: { log: { written: { position: 7 } }, projections: { a: { checkpoint: 7, error: null }, b: { checkpoint: 5, error: "boom" } } } } }));
	const { written, applied, behind, stopped } = staleness(at(0));
	assert.deepEqual([written, applied, behind, stopped], [7, 5, 2, ["b"]]);
	assert.equal(staleness(new Map()).behind, 0);
});

test("a long name takes two lines, and a name with nowhere to break stays whole", () => {
	assert.deepEqual(halves("ChangeShippingAddress"), ["ChangeShipping", "Address"]);
	assert.deepEqual(halves("RemoveOrderItem"), ["RemoveOrder", "Item"]);
	assert.deepEqual(halves("AddOrderItem"), ["AddOrderItem", ""]);
	assert.deepEqual(halves("a_name_of_somebody_else"), ["a_name_of_somebody_else", ""]);
	assert.deepEqual(halves(""), ["", ""]);
});

test("what is not a recording is said so", () => {
	for (const bad of ["", "{", "null", null, 3, {}, { format: "other" }, { format: "cqrs-demo/recording", version: 2 }])
		assert.match(readRecording(bad).problem, /recording/i);
});

test("a damaged recording is completed rather than refused", () => {
	const whole = recording({ steps: [null, 3, { kind: 7 }, { question: { text: "?", choices: [] } }], folds: "no", map: { nodes: { a: { x: "1" } }, edges: [null, { path: "M0 0Q" }] } });
	assert.equal(whole.steps.length, 2);
	assert.equal(whole.map.nodes.size, 0);
	assert.equal(recording({ map: null }).map, null);
	assert.equal(displayed(whole).length, 2);
});
