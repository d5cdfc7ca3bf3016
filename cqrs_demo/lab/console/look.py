"""The console's stylesheet; colours and fonts are those of frames.py."""

import anywidget

from ..frames import STYLE

# One row a kind of action: its role's line at the left, captions over fields, buttons in its tint.
LOOK = """
.cqrs.cqrs-console {
gap: 8px; overflow: visible; padding: 12px 12px 0; border-radius: 10px;
  background: light-dark(#F1F3F6, #101318);
> .cqrs-view { margin: 0 -12px }
> :first-child { display: none }
.widget-vbox, .widget-hbox { gap: 8px; overflow: visible }
.widget-text, .widget-dropdown, .widget-checkbox, .widget-html, .widget-html-content, input,
  select, .jupyter-button, .widget-hbox, .widget-vbox { min-width: 0; margin: 0 }
.widget-html { height: auto }
.widget-html-content { line-height: 1.4; white-space: normal; align-self: stretch }
.cqrs-card { background: var(--surface); border: 1px solid var(--rule); border-radius: 10px;
  overflow: hidden; gap: 0 }
.cqrs-row { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 6px 8px;
  padding: 6px 12px 8px; border-left: 5px solid var(--line); min-height: 66px }
.cqrs-row + .cqrs-row { border-top: 1px solid var(--rule) }
.cqrs-fields { flex: 1 1 200px; flex-flow: row wrap; align-items: flex-end; gap: 6px 8px;
  min-width: 120px }
.cqrs-key { flex: 0 0 184px }
.cqrs-all { flex: 1 1 100% }
.cqrs-all:empty { display: none }
.widget-text, .widget-dropdown { display: flex; flex-direction: column; align-items: stretch;
  height: auto; width: auto; gap: 2px }
.widget-text { flex: 1 1 104px; max-width: 260px }
.widget-text.cqrs-number { flex: 0 1 92px }
.widget-dropdown { flex: 0 0 184px }
.widget-label { color: var(--muted); font-size: 12px; width: auto; line-height: 16px;
  height: 16px; text-align: left; margin: 0; padding: 0 }
.widget-text input, .widget-dropdown > select { height: 32px; width: 100%; flex: none;
  font-family: inherit; font-size: 13px; color: var(--ink); background-color: var(--surface);
  border: 1px solid var(--edge); border-radius: 8px; padding: 0 8px; box-shadow: none }
.widget-dropdown > select { appearance: auto; background-image: none; padding: 0 6px }
select option { color: var(--ink); background: var(--surface) }
.widget-checkbox { width: auto; height: 32px; flex: none }
.widget-checkbox .widget-label-basic { display: flex; align-items: center; gap: 6px;
  color: var(--ink); font-size: 13px; line-height: 1.2; height: 32px; width: auto; margin: 0 }
.widget-checkbox input { width: 18px; height: 18px; margin: 0; accent-color: var(--ink) }
.jupyter-button { height: 32px; padding: 0 14px; width: auto; flex: none;
  font: 600 14px/1 "Segoe UI", Roboto, "Helvetica Neue", Arial, system-ui, sans-serif;
  color: var(--ink); background: var(--surface); border: 1px solid var(--edge);
  border-radius: 8px; box-shadow: none; opacity: 1 }
.cqrs-row .jupyter-button { color: var(--line); background: var(--fill);
  border-color: var(--line) }
.cqrs-neutral .jupyter-button { color: var(--ink); background: var(--surface);
  border-color: var(--edge) }
.jupyter-button.mod-active { border: 2px solid var(--ink); padding: 0 13px }
.jupyter-button:hover { border-color: var(--ink); box-shadow: none }
.jupyter-button:disabled { color: var(--muted); background: var(--sunken);
  border: 1.5px dashed var(--muted) }
.jupyter-button:focus-visible, input:focus-visible, select:focus-visible,
  [role=region]:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
.cqrs-gauges { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12px;
  align-items: center; min-height: 32px; align-content: center; margin: 0; padding: 0 }
.cqrs-gauges li { display: flex; gap: 5px; align-items: center; margin: 0; color: var(--muted);
  white-space: nowrap; list-style: none }
.cqrs-tools.cqrs-row { min-height: 48px; align-items: center; padding: 6px 12px;
  background: var(--sunken) }
.cqrs-bar { display: inline-block; width: 32px; height: 9px; border-radius: 3px;
  overflow: hidden; border: 1px solid var(--line); background: repeating-linear-gradient(-45deg,
  var(--fill) 0 4px, var(--solid) 4px 5px) }
.cqrs-bar i { display: block; height: 100%; background: var(--solid) }
.cqrs-gauge { display: inline-block; padding: 2px 10px; border-radius: 6px; font-size: 13px;
  font-weight: 600; color: var(--line); border: 1.5px solid var(--line); background: var(--fill);
  white-space: nowrap }
.cqrs-gauge.cqrs-event { color: var(--ink); text-shadow: 0 0 4px var(--fill),
  0 0 4px var(--fill), 0 0 3px var(--fill); background: repeating-linear-gradient(-45deg,
  var(--fill) 0 6px, var(--solid) 6px 7px) }
.cqrs-stretch { flex: 1 1 240px }
.cqrs-help { color: var(--muted); font-size: 12px; min-height: 32px; display: flex;
  align-items: center }
.cqrs-help b { color: var(--ink); font-weight: 600 }
.cqrs-title { flex: 0 0 52px; font-weight: 600; color: var(--ink) }
.cqrs-title .widget-html-content { line-height: 32px }
.cqrs-status .cqrs-note { border-left-width: 5px; padding: 8px 12px; min-height: 62px;
  display: flex; flex-direction: column; justify-content: center }
.cqrs-status { align-items: center }
.cqrs-note code { overflow-wrap: anywhere; margin-left: 8px; font-weight: 400 }
.cqrs-note .cqrs-cells { font-size: 13px }
pre.cqrs-log { margin: 0; padding: 12px 16px; background: var(--surface);
  border: 1px solid var(--rule); border-radius: 10px; color: var(--ink); overflow: auto;
  max-height: 400px; user-select: all; font: 13px/1.5 ui-monospace, "Cascadia Code", Consolas,
  "DejaVu Sans Mono", Menlo, monospace }
table.cqrs-frame.cqrs-futures th[scope=row] { color: var(--ink); font-size: 13px;
  vertical-align: top; width: 20%; overflow-wrap: anywhere }
table.cqrs-frame.cqrs-futures { width: 100%; table-layout: fixed }
table.cqrs-frame.cqrs-futures td { max-width: none; overflow-wrap: anywhere }
table.cqrs-frame.cqrs-futures th:first-child { width: 24% }
.cqrs-cells { display: flex; flex-wrap: wrap; gap: 0 14px }
.cqrs-compared > .widget-html-content > div { max-height: 340px; overflow: auto }
.cqrs-compared .cqrs-stores { gap: 0 }
.cqrs-compared .cqrs-store { border-width: 1px 0 0; border-radius: 0 }
.cqrs-compared p { margin: 0; padding: 12px 16px }
}
"""

CSS = STYLE.removeprefix("<style>").removesuffix("</style>") + LOOK


class Frame(anywidget.AnyWidget):
    """Brings the stylesheet, and keeps JupyterLab from taking keys: "b" on a button would insert a
    cell. JupyterLab asks the element with the focus first, so it is there that we say so."""

    _css = CSS
    _esm = """
    function render({ el }) {
      const frame = el.closest(".cqrs-console");
      if (!frame) return requestAnimationFrame(() => render({ el })); // not on the page yet
      frame.addEventListener("focusin", ({ target }) => {
        target.dataset.lmSuppressShortcuts = "true";
      });
    }
    export default { render: (context) => void render(context) };
    """
