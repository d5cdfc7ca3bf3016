// The stage: what any view on one cursor has, whatever it shows. Words and elements, the signs of
// steps, transport and timeline, keys, themes, presenting.

export const RUNGS = ["crud", "one-database", "two-stores", "event-sourced"];
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
const KEYS = "← → step · Space plays · Home, End · U unfolds · A to D and Enter answer · " +
	"P presents · T theme · . blanks the screen while presenting · Esc leaves";

// What other files add: predict.js asks before it shows, live.js acts on the shop. Either may be absent.
export const extras = { predict: null, live: null };

// ---- words and numbers

export const entries = (thing) => (thing && typeof thing === "object" ? Object.entries(thing) : []);
export const list = (thing) => (Array.isArray(thing) ? thing : []).filter((each) => each && typeof each === "object");
export const text = (value) => typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
export const finite = (...numbers) => numbers.every(Number.isFinite);
export const clamp = (n, low, high) => Math.max(low, Math.min(high, n));
export const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
export const cut = (words, length) => (words.length > length ? `${words.slice(0, length - 1)}…` : words);

// Where in the list step n is; -1 before the first.
export const indexOf = (items, n) => items.findLastIndex((item) => item.first <= n);

// The colour, glyph and title of a step; of none, before the first.
export function looks(step) {
	if (!step) return { role: "neutral", glyph: "other", title: "Before the first step" };
	const { kind, source, target, fold } = step, known = !fold && (KINDS[`${kind}>${target}`] ?? KINDS[`${source}>${kind}`]) || KINDS[kind] || "neutral/other/Step";
	const [role, glyph, title] = known.split("/");
	return { role, glyph, title: fold ? text(fold.name) : title };
}

// ---- elements and signs

const whatIsThere = (children) => children.flat(9).filter((child) => child != null && child !== false);
// h("li.on", { title }, "words", child): the classes are ours, words become text nodes.
const maker = (create) => (what, attributes, ...children) => {
	const [tag, ...classes] = what.split("."), element = create(tag);
	if (classes[0]) dress(element, classes.join(" "));
	if (attributes?.constructor !== Object) children.unshift(attributes);
	else for (const [name, value] of Object.entries(attributes))
		if (typeof value === "function") element.addEventListener(name, value);
		else if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
	element.append(...whatIsThere(children));
	return element;
};
export const h = maker((tag) => document.createElement(tag));
export const s = maker((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
export const fill = (element, ...children) => element.replaceChildren(...whatIsThere(children));
// A part that may scroll, so the keyboard must reach it.
export const area = (what, label, ...children) => h(what, { tabindex: 0, role: "group", "aria-label": label }, children);
// Touch the page only where something differs.
export const set = (element, name, value) => element.getAttribute(name) === `${value}` || element.setAttribute(name, value);
export const dress = (element, classes) => set(element, "class", classes);
export const say = (element, words) => { if (element.textContent !== words) element.textContent = words; };

export const roleOf = (role) => (ROLES.includes(role) ? role : "neutral");
export const glyph = (name, attributes) => s(`svg.${name}`, { viewBox: "-15 -15 30 30", ...attributes },
	s("path.gb", { d: GLYPHS[name][0] }), s("path.gi", { d: GLYPHS[name][1] }));
export const picture = ({ glyph: name, role }) => h(`span.glyph.${role}`, { "aria-hidden": "true" }, glyph(name));
const icon = (name) => s("svg.i", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));
// A text that may be long: cut, and whole in the tooltip.
export const long = (what, words, length) => h(what, { title: words.length > length ? cut(words, 2000) : null }, cut(words, length));

// ---- the stage

// Heading, transport, timeline, keys, themes and presenting, around what a view shows of a step:
// view.layOut(isAsked) gives the steps, view.reach(n) unfolds what hides step n, and view.show(item,
// about) shows one and returns { words, trips, land, settle }. `kept` outlives a view that is drawn anew.
export function stage(model, el, view, kept) {
	const alone = Boolean(model.get("alone")); // a page of its own, not a cell
	const lab = document.body.dataset.jpThemeLight !== undefined; // its own theme comes first
	const undo = []; // for when the view goes
	const listen = (target, event, call) => { // target: an element, or the model
		target[target.on ? "on" : "addEventListener"](event, call);
		undo.push(() => target[target.on ? "off" : "removeEventListener"](event, call));
	};
	let items = [], groups = [], mode = "", at = -1, timer = 0, frame = 0, landing = null;
	const bets = extras.predict?.({ model, name: view.uid, lines: view.lines, done: answered });
	const total = () => items.at(-1)?.last ?? 0, limit = () => bets?.first() ?? total(), here = () => indexOf(items, at);

	// --- what there is to see
	const [forward, ofAll, now] = ["span", "span", "b"].map((tag) => h(tag));
	const [segments, scenes, head] = ["segs", "scenes", "playhead"].map((each) => h(`div.${each}`));
	const live = h("div.sr", { role: "status" });
	const [first, back, play, next, last] = [
		["button.lo", "First step (Home)", () => jump(1), icon("first")], ["button", "Previous step (left arrow)", () => step(-1), icon("previous")],
		["button", "Play (space)", toggle, icon("play")], ["button.primary", "Next (right arrow)", () => step(1), forward, icon("next")],
		["button.lo", "Last step (End)", () => jump(total()), icon("last")],
	].map(([what, title, click, ...inside]) => h(what, { title, click }, inside));
	const slider = h("input", { type: "range", min: 1, "aria-label": "Step", input: () => jump(items[slider.value - 1]?.n ?? 0) });
	const strip = h("div.tl", h("div", { "aria-hidden": "true" }, h("div.lane", segments, head), scenes), slider);
	const count = h("div.count", now, ofAll), heading = h(alone ? "h1" : "h2", { dir: "auto" });
	const [presentButton, themeButton, speedButton] = [() => present(), nextTheme, nextSpeed].map((click) => h("button", { click }));
	const menu = h("div.menu.card", { id: `${view.uid}-menu`, hidden: true }, presentButton, themeButton, speedButton, view.deeds?.entries, h("p", KEYS));
	const more = h("button", { "aria-expanded": "false", "aria-controls": menu.id, click: () => openMenu(menu.hidden) }, "More");
	const bar = h("div.bar.card", h("div.btns", first, back, play, next, last), strip, count);
	const grid = h("div.g", h("header.head", heading, view.ladder, h("div.menu-of", more, menu)), view.before, bar, view.after);
	const root = h(`section.cqrs-explorer${alone ? ".alone" : ""}`, { tabindex: -1, "data-lm-suppress-shortcuts": "true" }, grid, live);

	// --- the rarely used, behind "More"
	function openMenu(yes) {
		menu.hidden = !yes;
		set(more, "aria-expanded", yes);
	}
	function closeMenu() {
		openMenu(false);
		more.focus();
	}
	function nextSpeed() {
		kept.speed = { 1: 2, 2: 0.5, 0.5: 1 }[kept.speed];
		wear();
	}
	function nextTheme() {
		if (kept.presenting) kept.stage = kept.stage === "light" ? "dark" : "light";
		else kept.theme = { "": "light", light: "dark", dark: "" }[kept.theme];
		wear();
	}
	function wear() {
		const { presenting } = kept, theme = presenting ? kept.stage : kept.theme;
		root.classList.toggle("present", presenting);
		themeButton.hidden = lab && !presenting;
		for (const { style } of alone ? [root, document.documentElement] : [root]) style.colorScheme = themeButton.hidden ? "" : theme;
		say(themeButton, `Theme: ${theme || "auto"} (T)`);
		say(presentButton, presenting ? "Leave presenting (P)" : "Present (P)");
		say(speedButton, `Speed: ${{ 1: "normal", 2: "double", 0.5: "half" }[kept.speed]}`);
	}
	function present(on = !kept.presenting) {
		if (on === kept.presenting) return;
		kept.presenting = on;
		kept.stage = "light"; // projectors wash out dark
		openMenu(false);
		root.classList.remove("blank");
		if (on) root.requestFullscreen?.().catch(() => {}); // or else the window is filled
		else if (document.fullscreenElement === root) document.exitFullscreen();
		wear();
		measure();
		root.focus({ preventScroll: true });
	}
	listen(root, "fullscreenchange", () => document.fullscreenElement || present(false));
	if (view.deeds) listen(view.deeds.entries, "click", closeMenu);
	listen(document, "pointerdown", ({ target }) => menu.parentNode.contains(target) || openMenu(false));

	// --- the timeline: glyphs while they fit, then colours and one glyph
	function layOut() {
		bets?.read();
		items = view.layOut((first, last) => bets?.within(first, last));
		say(heading, view.name());
		set(heading, "title", view.name());
		set(root, "aria-label", `${view.what}: ${cut(view.name(), 100)}`);
		count.style.width = `${String(total()).length * 31 + 36}px`; // nothing beside it may move
		slider.max = Math.max(1, items.length);
		groups = [];
		items.forEach(({ scene, n }, start) => groups.at(-1)?.scene === scene ? groups.at(-1).size++ : groups.push({ scene, size: 1, start, n }));
		mode = "";
		measure();
	}
	function measure() {
		// Presenting, everything grows with the window.
		grid.style.zoom = kept.presenting ? (view.zoom ?? 1) * Math.max(1.5, Math.min(innerWidth * 0.00117, innerHeight * 0.00208)) : "";
		const room = strip.clientWidth / Math.max(1, items.length), fits = room >= 15 ? "glyphs" : room >= 4 ? "bars" : "lines";
		view.fit?.();
		if (mode === fits) return paint();
		mode = strip.dataset.mode = fits;
		fill(segments, items.map((item) => {
			const look = looks(item);
			return h(`i.seg.${look.role}`, fits === "glyphs" && picture(look));
		}));
		fill(scenes, (fits === "glyphs" ? groups : [{ scene: "", size: 1 }]).map(({ scene, size }) =>
			h("div", { style: `flex-grow:${size}` }, h("span", { dir: "auto" }, scene))));
		paint();
	}
	function paint() {
		const index = here(), lock = indexOf(items, limit()), glyphs = mode === "glyphs";
		[...segments.children].forEach((seg, i) => set(seg, "data-state", i > lock ? "lock" : i > index ? "todo" : i < index ? "done" : "on"));
		head.hidden = glyphs || index < 0;
		if (!head.hidden) fill(head, picture(looks(items[index])));
		head.style.left = `${(index + 0.5) / items.length * 100}%`;
		const group = groups.findLastIndex(({ start }) => start <= index), { scene = "", start = 0, size = 0 } = groups[group] ?? {};
		if (!glyphs) say(scenes.firstChild.firstChild, size > 1 ? `${cut(scene, 60)}: step ${index - start + 1} of ${size}` : scene);
		[...scenes.children].forEach((label, i) => dress(label, !glyphs ? "on" : i !== group ? "" : start * 2 > items.length ? "on end" : "on"));
		// The current scene's name is always whole; names in its way are silent.
		const words = glyphs && scenes.querySelector(".on > span"), left = words && words.parentNode.offsetLeft + words.offsetLeft;
		if (words) for (const { classList, offsetLeft, offsetWidth } of scenes.children)
			classList.toggle("quiet", !classList.contains("on") && offsetLeft < left + words.offsetWidth && left < offsetLeft + offsetWidth);
	}

	// --- moving the cursor
	// Stand at step n, or at the first open question before it.
	function go(n, moving = null) {
		n = clamp(Math.round(Number(n)) || 0, 0, limit());
		land();
		const before = here();
		if (view.reach?.(n)) layOut();
		at = items[indexOf(items, n)]?.n ?? 0;
		show(moving ?? here() === before + 1);
		if (model.get("step") === at) return;
		model.set("step", at);
		model.save_changes();
	}
	function jump(n, moving = false) {
		pause();
		go(n, moving);
	}
	function step(by) {
		const item = items[here() + by];
		if (item && item.first <= limit()) jump(item.n, by > 0);
	}
	function toggle() {
		if (timer) return pause();
		const tick = () => {
			const item = items[here() + 1];
			if (!item || item.first > limit()) return pause();
			go(item.n, true);
			timer = setTimeout(tick, (2500 + item.note.length * 35) / kept.speed);
		};
		wearPlay(setTimeout(tick));
	}
	function pause() {
		clearTimeout(timer);
		if (timer) wearPlay(0);
	}
	function wearPlay(running) {
		timer = running;
		set(play, "title", running ? "Pause (space)" : "Play (space)");
		fill(play, icon(running ? "pause" : "play"));
	}

	// --- showing a step: words at once, then the message travels, then what it changed
	function show(animate) {
		const held = root.contains(document.activeElement), index = here(), item = items[index] ?? null, card = bets?.card(at), { title } = looks(item), span = item && item.first < item.last ? `${item.first}–${item.last}` : `${at}`;
		say(now, span);
		say(ofAll, ` of ${total()}`);
		slider.value = Math.max(1, index + 1);
		set(slider, "aria-valuetext", `Step ${span} of ${total()}, ${title}`);
		set(next, "aria-disabled", !items[index + 1] || Boolean(card)); // so it keeps the focus
		set(back, "aria-disabled", index <= 0);
		say(forward, card ? "Answer first" : "Next");
		root.classList.toggle("ask", Boolean(card));
		paint();
		const earlier = items.slice(Math.max(0, index - 8), Math.max(0, index)).filter(({ scene }) => scene === item.scene);
		const { words, trips, land: due, settle } = view.show(item, { at, card, bet: bets?.echo(at), earlier, total: total() });
		const { activeElement } = document;
		if (held && (activeElement.hidden || !root.contains(activeElement))) root.focus({ preventScroll: true });
		say(live, item ? `Step ${span} of ${total()}. ${title}. ${words}` : words);
		landing = due;
		const length = Math.max(0, ...trips.map((trip) => trip.length));
		const still = !animate || !length || matchMedia("(prefers-reduced-motion: reduce)").matches;
		trips.forEach((trip) => trip.move(Number(still)));
		if (still) land();
		settle?.(); // what needs a layout comes last: there is one a step
		if (still) return;
		const begin = performance.now(), time = clamp(length * 2.2, 450, 1100) / kept.speed;
		const tick = (when) => {
			const x = clamp((when - begin) / time, 0, 1);
			trips.forEach((trip) => trip.move(x * x * (3 - 2 * x))); // in and out with ease
			if (x === 1) return land();
			frame = requestAnimationFrame(tick);
		};
		frame = requestAnimationFrame(tick);
	}
	function land() {
		cancelAnimationFrame(frame);
		const due = landing;
		landing = null;
		due?.();
	}
	// The steps are others now: lay them out anew and stand at n.
	function renew(n = at) {
		land();
		layOut();
		jump(n);
	}
	function answered() {
		renew();
		if (root.contains(document.activeElement)) next.focus({ preventScroll: true });
	}

	// --- keys
	function press(key) {
		const [forth, back] = [() => step(1), () => step(-1)];
		const act = bets?.press(at, key) || { ArrowRight: forth, PageDown: forth, ArrowLeft: back, PageUp: back,
			Home: () => jump(1), End: () => jump(total()), " ": toggle, p: () => present(), u: view.fold, t: !themeButton.hidden && nextTheme,
			".": kept.presenting && (() => root.classList.toggle("blank")),
			Escape: menu.hidden ? kept.presenting && (() => present(false)) : closeMenu,
		}[key];
		if (act) act();
		return act;
	}
	listen(alone ? document : root, "keydown", (event) => {
		const { target, key } = event; // in the transport, Space plays
		const button = target.matches?.("[aria-disabled=true]") ? null : target.matches?.(".btns *") ? /Enter/ : /^(Enter| )$/;
		const own = { radio: /^(Arrow.*| )$/, number: /^(Arrow.*|Home|End|[^])$/, submit: button, button }[target.type];
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		event.stopPropagation(); // or JupyterLab takes a "b" for "insert a cell"
		if (!own?.test(key) && press(key.length === 1 ? key.toLowerCase() : key)) event.preventDefault();
	});

	// --- Python, another view of the model and the page's address move the cursor too
	const asked = () => model.get("step") ?? groups[model.get("scene") - 1]?.n ?? 1;
	listen(model, "change:step", () => asked() !== at && jump(asked(), null));
	listen(model, "change:bets", () => renew());
	const sizes = new ResizeObserver(measure);
	function begin() {
		el.append(root);
		wear();
		layOut();
		go(asked(), false);
		sizes.observe(strip);
	}
	function close() {
		pause();
		cancelAnimationFrame(frame);
		sizes.disconnect();
		undo.forEach((each) => each());
		view.deeds?.close();
		root.remove();
	}
	return { begin, close, renew, listen, root };
}

// The four rungs, and which one this is.
export function drawLadder(architecture) {
	const rung = RUNGS.indexOf(architecture);
	return rung >= 0 && h("ol.ladder", { "aria-label": `Rung ${rung + 1} of 4` }, RUNGS.map((each, i) =>
		h(i === rung ? "li.on" : "li", { "aria-current": i === rung ? "true" : null }, h("b", `${i + 1}`), h("span", each))));
}

// A problem in words, in place of a view.
export function complain(el, problem) {
	const note = h("div.cqrs-explorer", h("p.problem.card", { role: "status" }, problem));
	el.append(note);
	return { close: () => note.remove(), renew: () => false };
}

// Draw what a model holds in el, and anew whenever it holds another.
export function host({ model, el }, draw, ...traits) {
	const kept = { theme: "", stage: "light", speed: 1, presenting: false };
	let view = draw(model, el, kept);
	const renew = () => {
		if (view.renew()) return;
		view.close();
		view = draw(model, el, kept);
	};
	for (const trait of traits) model.on(`change:${trait}`, renew);
	return () => {
		for (const trait of traits) model.off(`change:${trait}`, renew);
		view.close();
	};
}
