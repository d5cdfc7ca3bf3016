// Cards that ask: a question of the quiz bank, a summary in the learner's own words, and the board
// with what they have done so far. Native controls; right and wrong look alike, the words decide.

const LETTERS = "ABCD";
let cards = 0; // radios that share a name are one question, so each card has a name of its own

// h("p.kick", { title }, "words", child): the classes are ours, words become text nodes.
function h(what, attributes, ...children) {
	const [tag, ...classes] = what.split(".");
	const element = document.createElement(tag);
	if (classes.length) element.className = classes.join(" ");
	if (attributes?.constructor !== Object) children.unshift(attributes);
	else for (const [name, value] of Object.entries(attributes))
		if (typeof value === "function") element.addEventListener(name, value);
		else if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
	element.append(...children.flat(9).filter((child) => child != null && child !== false && child !== ""));
	return element;
}
const button = (what, words, click) => h(what, { type: "button", click }, words);
const heading = (kick, title) => [h("p.kick", kick), h("h4", title)];
const isText = ({ type, tagName }) => tagName === "TEXTAREA" || type === "number";

// Each of these draws a card for what the model holds, and says what should have the focus next.
const KINDS = { question: drawQuestion, summary: drawSummary, board: drawBoard };

function drawQuestion(model, data, name) {
	const bet = model.get("answer");
	return bet == null ? askQuestion(model, data, name) : tellAnswer(model, data, bet);
}

function askQuestion(model, { kick, text, choices }, name) {
	let picked = null;
	const lockIn = h("button.primary", { disabled: true }, choices ? "Choose an answer" : "Enter a number");
	const pick = (value) => {
		picked = Number.isFinite(value) ? value : null;
		lockIn.disabled = picked === null;
		lockIn.textContent = picked === null ? "Enter a number" : `Lock in ${choices ? LETTERS[value] : value}`;
	};
	const lock = (event) => {
		event.preventDefault();
		if (picked !== null) answer(model, picked);
	};
	const radios = (choices ?? []).map((each, i) => h("input", { type: "radio", name, value: i, change: () => pick(i) }));
	const field = h("input", { type: "number", step: "any", input: ({ target }) => pick(target.valueAsNumber) });
	const options = choices
		? choices.map((each, i) => h("label.opt", radios[i], h("kbd", LETTERS[i]), h("span", each.text)))
		: [h("label.opt", h("span", "Your number"), field)];
	const keydown = ({ key, target }) => {
		const i = isText(target) ? -1 : LETTERS.indexOf(key.toUpperCase());
		if (key.length !== 1 || !radios[i]) return;
		radios[i].focus();
		radios[i].click();
	};
	return h("form.card", { submit: lock, keydown }, h("fieldset", h("legend", h("span.kick", kick), text), options, h("div.goes", lockIn)));
}

function tellAnswer(model, { kick, text, choices, right, why }, bet) {
	const chosen = choices?.[bet], said = choices ? `${LETTERS[bet]}: ${chosen?.text}` : `${bet}`, isRight = bet === right;
	const shows = isRight ? "Right." : choices ? `It shows ${LETTERS[right]}: ${choices[right].text}` : `It shows: ${right}.`;
	return h("div.card", heading(kick, text),
		h("p", "You bet ", h("b", said), h("br"), !isRight && chosen?.why),
		h("p", h("b", shows), isRight ? " " : h("br"), (choices ? choices[right].why : why) || ""),
		chosen?.belief && h("div.belief", h("p", "Many people believe this: ", h("q", chosen.belief)), h("p", "See it happen: ", h("code", chosen.run))),
		h("div.goes", button("button", "Answer again", () => answer(model, null))));
}

function drawSummary(model, { lesson, ours, remark }) {
	const kept = model.get("answer");
	const title = `Lesson ${lesson} in your own words`;
	if (kept != null && model.get("is_open") !== true) return h("div.card", heading("Summary · not graded", title),
		h("div.pair", h("div", h("h5", "Yours"), h("p.said", { dir: "auto" }, kept)), h("div", h("h5", "Ours"), h("p", ours))),
		remark && h("p.muted", remark),
		h("div.goes", button("button", "Change mine", () => { model.set("is_open", true); model.save_changes(); })));
	const keep = h("button.primary", { disabled: !kept }, "Keep it, then compare with ours");
	const field = h("textarea", { rows: 5, maxlength: 20000, dir: "auto", input: () => { keep.disabled = !field.value.trim(); } });
	field.value = kept ?? "";
	const submit = (event) => {
		event.preventDefault();
		if (!field.value.trim()) return;
		model.set("is_open", false);
		answer(model, field.value.trim());
	};
	return h("form.card", { submit }, heading("Summary · not graded", title),
		h("label.field", "What would you tell a colleague who was not here? A few sentences are enough.", field), h("div.goes", keep));
}

const squares = (done, all) => h("span.squares", { "aria-hidden": "true" }, "■".repeat(done), "□".repeat(Math.max(0, all - done)));
const count = ([done, all]) => h("td", all ? [squares(done, all), ` ${done} of ${all}`] : h("span.muted", "none"));

function drawBoard(model, { lessons, met, beliefs, remark, json }) {
	const [exported, confirm] = [h("p.muted", { role: "status" }), h("div.goes", { hidden: true })];
	const save = () => {
		const link = h("a", { href: URL.createObjectURL(new Blob([json], { type: "application/json" })), download: "cqrs_demo-progress.json" });
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 1000);
		exported.textContent = "Written as cqrs_demo-progress.json, where your browser keeps downloads.";
	};
	const forget = () => model.send({ reset: true });
	const reset = button("button", "Reset", () => { confirm.hidden = false; confirm.querySelector("button").focus(); });
	const leave = () => { confirm.hidden = true; reset.focus(); };
	confirm.append(h("p", "Forget all bets, exercises and summaries?"), button("button", "Keep them", leave), button("button", "Forget everything", forget));
	const head = h("tr", ["Lesson", "Predictions made", "Exercises solved", "Summary"].map((name) => h("th", { scope: "col" }, name)));
	const rows = lessons.map((each) => h("tr", h("th", { scope: "row" }, `${each.lesson} ${each.title}`), count(each.predictions), count(each.exercises),
		h("td", each.summary ? "✓ written" : h("span.muted", "–"))));
	return h("div.card", heading("Your progress", "What you have done so far"), h("div.wide", h("table", h("thead", head), h("tbody", rows))),
		h("h5", `Beliefs you have bet on: ${met.length} of ${beliefs}`),
		met.length ? h("ul", met.map((each) => h("li", h("q", each.belief), each.since ? " You have answered it right since." : "", h("br"), "See it happen: ", h("code", each.run))))
			: h("p.muted", "None so far. A wrong bet is worth having: each of them has a run that shows otherwise."),
		remark && h("p.muted", remark), h("div.goes", button("button", "Export", save), reset), confirm, exported);
}

function answer(model, value) {
	model.set("answer", value);
	model.save_changes();
}

function render({ model, el }) {
	const name = `cqrs-ask-${cards += 1}`, live = h("div.sr", { role: "status" });
	const root = h("section.cqrs-ask.live", { "data-lm-suppress-shortcuts": "true", keydown: (event) => event.stopPropagation() });
	const draw = () => {
		const had = root.contains(document.activeElement), data = model.get("data");
		const card = KINDS[model.get("kind")](model, data, name);
		root.setAttribute("aria-label", data.label);
		root.replaceChildren(card, live);
		live.textContent = model.get("kind") === "question" && model.get("answer") != null
			? [...card.querySelectorAll("p:not(.kick)")].map((each) => each.textContent).join(" ") : "";
		if (had) card.querySelector("button:not([disabled]),input,textarea")?.focus({ preventScroll: true });
	};
	const events = ["change:answer", "change:data", "change:is_open"];
	let due = false; // several traits may change at once
	const later = () => {
		if (!due) queueMicrotask(() => { due = false; draw(); });
		due = true;
	};
	events.forEach((each) => model.on(each, later));
	el.append(root);
	draw();
	return () => events.forEach((each) => model.off(each, later));
}

export const ask = { render };
