// The parts of comparisons and predictions that need no page. Run with: node --test tests/visuals/

import assert from "node:assert/strict";
import { test } from "node:test";
import { align, apart, awaited, callsOf, differences, peculiar } from "../../cqrs_demo/visuals/compare.js";
import { questionsOf, readQuestion } from "../../cqrs_demo/visuals/predict.js";

const step = (n, call, more = {}) => ({ n, first: n, last: n, call, scene: call, source: "", target: "", ...more });
const numbers = (positions) => positions.map((shown) => shown.map((item) => item?.n ?? 0));
const state = (panels) => new Map(Object.entries(panels).map(([panel, tables]) =>
	[panel, new Map(Object.entries(tables).map(([table, rows]) => [table, new Map(Object.entries(rows))]))]));
const found = (a, b, rungs = ["two-stores", "two-stores"]) => differences([state(a), state(b)], rungs);

test("calls are runs of steps with the same call, and each message of a client begins one", () => {
	const calls = callsOf([step(1, "a"), step(2, "a"), step(3, "b"), step(4, "b", { source: "client" }), step(5, "b")]);
	assert.deepEqual(calls.map((call) => call.map(({ n }) => n)), [[1, 2], [3], [4, 5]]);
	assert.deepEqual(callsOf([]), []);
});

test("the k-th calls stand beside each other, and whoever has fewer steps rests", () => {
	const short = [step(1, "a"), step(2, "b"), step(3, "b")], lengthy = [step(1, "a"), step(2, "a"), step(3, "a"), step(4, "b")];
	assert.deepEqual(numbers(align([short, lengthy])), [[1, 1], [1, 2], [1, 3], [2, 4], [3, 4]]);
});

test("whoever has fewer calls rests at the end, and whoever has none shows nothing", () => {
	assert.deepEqual(numbers(align([[step(1, "a")], [step(1, "a"), step(2, "b")], []])), [[1, 1, 0], [1, 2, 0]]);
	assert.deepEqual(align([[], []]), []);
});

test("a folded delivery is one position", () => {
	const fold = { ...step(5, "deliver"), first: 2 };
	assert.deepEqual(numbers(align([[step(1, "a"), fold], [step(1, "a")]])), [[1, 1], [5, 1]]);
});

test("a field with another value and a row that only one has are differences", () => {
	const [value, row] = found({ write: { orders: { 1: { status: "draft", v: 1 }, 2: { v: 1 } } } }, { write: { orders: { 1: { status: "placed", v: 1 } } } });
	assert.deepEqual([value.where, value.word, value.values], ["orders 1 status", "another value", ["draft", "placed"]]);
	assert.deepEqual([row.where, row.word, row.values], ["orders 2", "not in all", ["1", null]]);
	assert.equal(value.id, "write/orders/1/status");
});

test("another outcome and another answer are differences, another path to them is none", () => {
	const screen = (outcome, answer, reflects) => ({ screen: { command: { last: { sent: "A()", outcome } }, answers: { "Q()": { answer, reflects, stale: false } } } });
	assert.deepEqual(found(screen("done", "x", 4), screen("done", "x", null)), []);
	assert.deepEqual(found(screen("done", "x", 4), screen("refused: No", "y", 4)).map(({ word }) => word), ["another outcome", "another answer"]);
	assert.deepEqual(found(screen("done", "x", 4), { screen: { command: {}, answers: {} } }), []); // it may still ask
});

test("a table that a rung does not have is no difference, but is said", () => {
	const [rich, poor] = [{ write: { orders: {} }, read: { orders: { 1: {} } } }, { write: { orders: {} } }];
	assert.deepEqual(found(rich, poor, ["two-stores", "crud"]), []);
	assert.deepEqual(peculiar([state(rich), state(poor)], ["two", "one"]), ["Only two has documents of orders."]);
	assert.equal(found(rich, poor)[0].word, "not in all"); // the same rung: the document is missing
});

test("values that read the same are no difference", () => {
	const at = (time) => ({ write: { orders: { 1: { at: time } } } });
	assert.deepEqual(found(at("2026-01-01T12:03:00.1Z"), at("2026-01-01T12:03:00.9Z")), []);
});

test("of answers that differ in little, that little is shown, with its name", () => {
	const order = (more) => ({ id: "o-7", name: "Mary", lines: [{ sku: "soap", n: 1 }, { sku: "mug", n: 1 }], ...more });
	assert.deepEqual(apart([order({ to: null }), order({ to: "66 Harbour Street" })]), ["to –", "to 66 Harbour Street"]);
	const [one, , two] = apart([order(), undefined, order({ lines: [{ sku: "soap", n: 1 }, { sku: "mug", n: 2 }] })]);
	assert.deepEqual([one, two], ["lines row 2 n 1", "lines row 2 n 2"]);
	assert.deepEqual(apart([[{ id: 1 }], [{ id: 1 }, { id: 2 }]]), ["row 2 –", "row 2 2"]);
	assert.deepEqual(apart([[], [{ id: 1 }]]), ["none", "1"]);
	assert.deepEqual(apart(["draft", { a: 1 }, null]), ["draft", "1", "–"]);
	const long = "x".repeat(50);
	assert.deepEqual(apart([`${long}a`, `${long}b`]), [`…${"x".repeat(20)}a`, `…${"x".repeat(20)}b`]);
});

test("what one has got and another still waits for is a difference, within one call", () => {
	const got = state({ screen: { command: { last: { sent: "A()", outcome: "done" } }, answers: { "Q()": { answer: [1] } } } }), none = state({});
	const sending = { pending: { lane: "send", name: "A" } }, asking = { pending: { lane: "ask", name: "Q" } }, over = { pending: null };
	const told = (steps, states = [got, none]) => awaited(steps, states).map(({ id, where, word, values }) => [id, where, word, ...values]);
	assert.deepEqual(told([over, sending]), [["screen/command/last/outcome", "the command", "not yet in all", "done", "…"]]);
	assert.deepEqual(told([over, asking]), [["screen/answers/Q()", "Q()", "not yet in all", "1 row", "…"]]);
	assert.deepEqual(told([over, sending, null], [got, none, none])[0].slice(3), ["done", "…", "–"]);
	for (const steps of [[sending, sending], [over, over], [null, sending], [null, null]]) assert.deepEqual(told(steps), []);
});

test("keys such as __proto__ are keys like any other", () => {
	const odd = (v) => state(JSON.parse(`{"write": {"t": {"__proto__": {"__proto__": ${v}}}}}`));
	assert.equal(differences([odd(1), odd(2)], ["crud", "crud"]).length, 1);
});

const ASK = { text: "?", right: 1, choices: [{ text: "a" }, { text: "b" }] };

test("a question without a right choice is none", () => {
	for (const bad of [null, 3, {}, { text: "?" }, { ...ASK, right: 2 }, { choices: "x", right: 0 }]) assert.equal(readQuestion(bad), null);
	assert.equal(readQuestion(ASK).choices[1].why, "");
	assert.equal(readQuestion({ number: true, right: 2 }).choices, null);
});

test("a bet stays beside its question until the scene that shows the outcome ends", () => {
	const steps = [step(1, "a", { question: ASK }), step(2, "a"), step(3, "a", { target: "client" }), step(4, "a"), step(5, "b")];
	const [{ n, key, outcome, ends }] = questionsOf([{ steps }]);
	assert.deepEqual([n, key, outcome, ends], [1, "1", 3, 4]);
});

test("questions of several runs are asked in the order of the cursor", () => {
	const run = (key, n, shift) => ({ key, steps: [step(1, "a"), step(2, "a")].map((each) => (each.n === n ? { ...each, question: ASK } : each)), place: (at) => at + shift });
	assert.deepEqual(questionsOf([run("0:", 2, 3), run("1:", 1, 0)]).map(({ key, n }) => [key, n]), [["1:1", 1], ["0:2", 5]]);
});
