// A panel that measures: sliders, one button that starts and cancels, a progress bar, and results
// as they come. What is measured, and how long it takes, is Python's business.
//
// Sliders are native inputs with labels, since those of ipywidgets have no accessible name. All text
// goes in as text.

function h(tag, attributes = {}, ...children) {
	const [name, ...classes] = tag.split(".");
	const element = document.createElement(name);
	element.classList.add(...classes);
	for (const [key, value] of Object.entries(attributes)) {
		if (typeof value === "function") element.addEventListener(key, value);
		else if (value !== null && value !== false) element.setAttribute(key, value);
	}
	element.append(...children.filter((child) => child != null));
	return element;
}

// "3", or "0.5 s": a number as a reader wants it, with its unit.
export function worded(value, unit = "") {
	const number = value.toLocaleString("en", { maximumFractionDigits: 3 });
	return unit ? `${number} ${unit}` : number;
}

// A slider moves over the numbers it may take, so that 1,000 is as far from 10,000 as 10,000 from 100,000.
function drawSlider(slider, model, number) {
	const { name, label, choices, unit } = slider;
	const id = `cqrs-measuring-${number}-${name}`;
	const told = h("span.value", { "aria-hidden": "true" }); // aria-valuetext says it
	const input = h("input", {
		id, type: "range", min: 0, max: choices.length - 1, step: 1,
		input: () => {
			model.set("settings", { ...model.get("settings"), [name]: choices[input.valueAsNumber] });
			model.save_changes();
			update();
		},
	});
	const update = () => {
		const value = model.get("settings")[name];
		input.value = Math.max(0, choices.indexOf(value));
		told.textContent = worded(value, unit);
		input.setAttribute("aria-valuetext", told.textContent);
	};
	return { row: h("div.slider", {}, h("label", { for: id }, label), told, input), input, update };
}

function drawTable({ columns, rows }) {
	const cell = (value, column) => h(column ? "td" : "th", column ? {} : { scope: "row" }, value);
	const head = h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)));
	const body = rows.map((row) => h("tr", {}, ...row.map(cell)));
	return h("div.table", { tabindex: 0, role: "region", "aria-label": "The numbers" },
		h("table", {}, h("thead", {}, head), h("tbody", {}, ...body)));
}

function drawResult({ light, dark, alt, sentences, table }) {
	return h("section.result", {},
		h("img.on-light", { src: light, alt }), h("img.on-dark", { src: dark, alt }),
		h("ul", {}, ...sentences.map((sentence) => h("li", {}, sentence))),
		h("details", {}, h("summary", {}, "The numbers behind it"), drawTable(table)));
}

let panels = 0;

export default {
	render({ model, el }) {
		const number = ++panels;
		const sliders = model.get("sliders").map((slider) => drawSlider(slider, model, number));
		const button = h("button", {
			type: "button",
			click: () => model.send({ do: model.get("state") === "idle" ? "start" : "cancel" }),
		});
		const bar = h("progress", { "aria-label": "Progress of the measurement" });
		const doing = h("span.doing");
		const outcome = h("p.outcome", { role: "status" });
		const results = h("div.results");
		const frame = h("section.cqrs-measuring", { "aria-label": model.get("title"), "data-lm-suppress-shortcuts": "true" },
			h("h2", {}, model.get("title")), h("p.told", {}, model.get("told")),
			h("div.sliders", {}, ...sliders.map(({ row }) => row)),
			h("div.run", {}, button, bar, doing), outcome, results);
		// JupyterLab asks the element with the focus whether its keys are its own.
		frame.addEventListener("focusin", ({ target }) => { target.dataset.lmSuppressShortcuts = "true"; });

		const showState = () => {
			const state = model.get("state");
			button.textContent = { idle: "Measure", running: "Cancel", cancelling: "Cancelling…" }[state];
			button.classList.toggle("primary", state === "idle");
			button.setAttribute("aria-disabled", state === "cancelling"); // it keeps the focus
			for (const { input } of sliders) input.disabled = state !== "idle";
			bar.hidden = doing.hidden = state === "idle";
		};
		const showProgress = () => {
			const { done, total, doing: words } = model.get("progress");
			bar.max = Math.max(total, 1);
			bar.value = done;
			doing.textContent = words;
		};
		const showOutcome = () => {
			const { role, text } = model.get("outcome");
			outcome.className = `outcome ${role}`;
			outcome.textContent = text;
		};
		const showResult = () => {
			const open = results.querySelector("details")?.open;
			const result = model.get("result");
			results.replaceChildren(...(result.light ? [drawResult(result)] : []));
			const details = results.querySelector("details");
			if (details && open) details.open = true;
		};
		const showSettings = () => sliders.forEach(({ update }) => update());
		const shown = { state: showState, progress: showProgress, outcome: showOutcome, result: showResult, settings: showSettings };
		for (const [name, show] of Object.entries(shown)) {
			show();
			model.on(`change:${name}`, show);
		}
		el.append(frame);
		return () => Object.entries(shown).forEach(([name, show]) => model.off(`change:${name}`, show));
	},
};
