// Live: what needs a shop behind the view. There are entries behind "More", and a message that waits
// can be picked up where it stands. Python says what there is, hears what is wished, and does it;
// a page without a kernel has none of it.

import { extras, finite, h, picture, say, set, text } from "./stage.js";

function live(model) {
	const told = (trait) => model.get(trait) ?? [];
	const wish = (name, event) => model.send({ do: name, event });
	const entries = h("div.entries"), name = h("b"), fates = h("span");
	const hand = h("div.hand.event", { role: "group", "aria-label": "The message in your hand", keydown(event) {
		if (event.key !== "Escape") return;
		event.stopPropagation(); // or it would leave presenting, too
		take(0);
	} }, name, fates);
	let handles = []; // by which messages are picked up, in the tables that were drawn last

	function take(position) {
		const left = handles.find((each) => each.position === model.get("picked"));
		model.set("picked", position);
		model.save_changes();
		refresh();
		(position ? fates.firstChild : left?.handle)?.focus({ preventScroll: true });
	}
	function handleOf({ position, event, type }) {
		if (!finite(position) || !(event ?? type)) return null;
		const called = `${position} ${text(event ?? type)}`, fate = h("span");
		const handle = h("button.pick", { title: `Pick up ${called}`, click: () => take(model.get("picked") === position ? 0 : position) },
			picture({ role: "event", glyph: "event" }), fate);
		handles.push({ position, called, handle, fate });
		return handle;
	}
	// Bring handles and hand up to date, once everything is drawn.
	function refresh() {
		const waiting = told("waiting"), plan = model.get("plan") ?? {}, picked = model.get("picked");
		handles = handles.filter(({ handle }) => handle.isConnected);
		for (const { position, called, handle, fate } of handles) {
			handle.hidden = !waiting.includes(position);
			say(fate, plan[position] ?? "");
			set(handle, "aria-label", `Pick up ${called}${plan[position] ? `: ${plan[position]}` : ""}`);
			set(handle, "aria-expanded", position === picked);
		}
		const held = handles.find(({ position, handle }) => position === picked && !handle.hidden);
		if (!held) {
			if (hand.contains(document.activeElement)) hand.closest("[tabindex='-1']").focus({ preventScroll: true });
			return hand.remove();
		}
		const panel = held.handle.closest("section");
		if (hand.parentNode !== panel) {
			fates.replaceChildren(...told("fates").map(([deed, words]) => h("button", { click() {
				const position = model.get("picked");
				take(0);
				wish(deed, position);
			} }, words)), h("button", { click: () => take(0) }, "Put back"));
			panel.firstChild.after(hand);
		}
		say(name, held.called);
	}
	function drawEntries() {
		entries.replaceChildren(...told("entries").map(([deed, words, title]) => h("button", { title, click: () => wish(deed) }, words)));
	}
	const heard = { "change:entries": drawEntries, "change:waiting": refresh, "change:plan": refresh, "change:picked": refresh };
	for (const [event, call] of Object.entries(heard)) model.on(event, call);
	drawEntries();
	return { entries, handleOf, refresh, close: () => Object.entries(heard).forEach(([event, call]) => model.off(event, call)) };
}
extras.live = live;
