// Predictions: a step may ask what comes next; what follows stays hidden until the learner has bet.
//
// It plugs into the explorer's stage, so it works for one run and for several beside each other.
// Right and wrong look alike: the words decide.

import { extras, h, list, say, set, text } from "./stage.js";

// Check and complete the question of a step; null if it cannot be asked.
export function readQuestion(question) {
	const choices = list(question?.choices).map((each) => ({ text: text(each.text), why: text(each.why) }));
	if (!question?.number && !choices[question?.right]) return null;
	return { ...question, text: text(question.text), why: text(question.why), choices: question.number ? null : choices };
}

// All questions of some runs in the cursor's order. `place` finds a step on the cursor: the question
// is asked at n, `outcome` shows what is true, and the bet stays beside it until the scene `ends`.
export function questionsOf(lines) {
	return lines.flatMap(({ steps, key = "", who = "", place = (n) => n }) => steps.flatMap((step) => {
		const question = readQuestion(step.question);
		if (!question) return [];
		const outcome = steps.find(({ n, target }) => n > step.n && target === "client") ?? steps[step.n] ?? step;
		const next = steps.find(({ n, scene }) => n > outcome.n && scene !== outcome.scene);
		const ends = next ? next.n - 1 : steps.length;
		return [{ ...question, who, key: `${key}${step.n}`, n: place(step.n), outcome: place(outcome.n), ends: place(ends, true) }];
	})).sort((a, b) => a.n - b.n);
}

function predict({ model, name, lines, done }) {
	const skipped = new Set();
	let questions = [], drawn = null; // the card of the open question
	const betOn = ({ key }) => (model.get("bets") ?? {})[key];
	const isOpen = (each) => !skipped.has(each.key) && betOn(each) === undefined;

	function drawCard(question) {
		const { key, who, choices, text: words } = question;
		let picked = null;
		const lockIn = h("button.go.primary", { "aria-disabled": "true" }, choices ? "Choose an answer" : "Enter a number");
		const pick = (value) => {
			picked = Number.isNaN(value) ? null : value;
			set(lockIn, "aria-disabled", picked === null);
			say(lockIn, picked === null ? "Enter a number" : `Lock in ${choices ? "ABCD"[value] : value}`);
		};
		const lock = (event) => {
			event?.preventDefault();
			if (picked === null) return;
			model.set("bets", { ...model.get("bets"), [key]: picked });
			model.save_changes();
			done();
		};
		const skip = () => {
			skipped.add(key);
			done();
		};
		const options = choices ? choices.slice(0, 4).map((each, i) => h("label.opt",
			h("input", { type: "radio", name, change: () => pick(i) }), h("kbd", "ABCD"[i]), h("span", each.text)))
			: [h("label.opt", h("span", "Your number"), h("input", { type: "number", step: "any", input: ({ target }) => pick(target.valueAsNumber) }))];
		const card = h("form", { "data-key": key, submit: lock }, h("fieldset", h("legend", h("span.kick", `PREDICT FIRST${who && ": "}`, who), words), options,
			h("div.goes", lockIn, !model.get("quiz") && h("button", { type: "button", click: skip }, "Skip"))));
		return { question, card, lock, choose: (i) => choices && options[i]?.click() };
	}

	return {
		read() { questions = questionsOf(lines()); },
		first: () => questions.find(isOpen)?.n,
		within: (first, last) => questions.some((each) => first <= each.n && each.n <= last && isOpen(each)),
		// The card of the question that is open here, if one is.
		card(at) {
			const question = questions.find((each) => each.n === at && isOpen(each));
			const same = drawn && question?.key === drawn.question.key && question.text === drawn.question.text;
			if (!same) drawn = question ? drawCard(question) : null;
			return drawn?.card;
		},
		// What to say here of a bet, and of what came of it.
		echo(at) {
			const asked = questions.findLast((each) => each.n <= at && at <= Math.max(each.ends, each.n) && betOn(each) !== undefined);
			if (!asked) return null;
			const { choices, right, why, who } = asked, bet = betOn(asked);
			const yours = [`${who}${who && ": "}You bet `, h("b", choices ? `${"ABCD"[bet]}: ${choices[bet]?.text}` : `${bet}`), h("br")];
			if (at < asked.outcome) return [...yours, "Locked in. Press Next to see."];
			const shows = bet === right ? "Right." : `It shows: ${choices ? choices[right].text : right}.`;
			return [...yours, h("b", shows), ` ${choices ? choices[bet]?.why || choices[right].why : why}`];
		},
		press(at, key) {
			const i = drawn && drawn.question.n === at ? ["a", "b", "c", "d", "Enter"].indexOf(key) : -1;
			return i === 4 ? drawn.lock : i >= 0 ? () => drawn.choose(i) : null;
		},
	};
}
extras.predict = predict;
