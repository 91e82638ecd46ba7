// Makes and mends the page's elements. Text only ever becomes text: nothing here parses markup.

/**
 * Make an element.
 *
 * `props` are attributes; `class` and `data` (an object) too, and listeners as `onclick`. What is
 * null, undefined or false is left out; `true` is an empty attribute.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...flat(children));
  return element;
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replace all that an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
}

/**
 * Make a parent's children what `wanted` says, and touch only those that differ.
 *
 * Each is `{key, mark, make}`: a child stays while its key and mark do, so that the focus, the
 * caret and open menus stay as well. Where a child with the focus is made anew, what has the same
 * `data-focus` in the new one gets it.
 */
export function patch(parent, wanted) {
  const old = new Map([...parent.children].map((child) => [child.patchKey, child]));
  let place = parent.firstElementChild;
  for (const { key, mark, make } of wanted) {
    let child = old.get(key);
    old.delete(key);
    if (child === undefined || child.patchMark !== mark) {
      const made = make();
      made.patchKey = key;
      made.patchMark = mark;
      if (child !== undefined) {
        if (place === child) place = made;
        replaceKeepingFocus(child, made);
      }
      child = made;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  for (const gone of old.values()) gone.remove();
}

function replaceKeepingFocus(before, after) {
  const active = before.contains(document.activeElement) ? document.activeElement : null;
  before.replaceWith(after);
  if (active === null) return;
  const focus = active.dataset.focus;
  const same = focus && [...after.querySelectorAll("[data-focus]")].find(
    (element) => element.dataset.focus === focus,
  );
  (same || after).focus({ preventScroll: true });
}

const SVG = "http://www.w3.org/2000/svg";

/** Draw a small icon from the lines of a path, in the colour of the text around it. */
export function icon(path, size = 16) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 16 16", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true", class: "icon",
  };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  lock: "M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3.5 7h9v6.5h-9z",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
  send: "M2.5 2.5 14 8 2.5 13.5 4.5 8zM4.5 8h4",
  window: "M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7M13.5 2.5 7.5 8.5",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  more: "M3 8a.4.4 0 1 0 .8 0 .4.4 0 0 0-.8 0M7.6 8a.4.4 0 1 0 .8 0 .4.4 0 0 0-.8 0M12.2 8a.4.4 0 1 0 .8 0 .4.4 0 0 0-.8 0",
  panel: "M2 3h12v10H2zM10 3v10",
  theme: "M8 2.5v11a5.5 5.5 0 0 0 0-11zM8 2.5a5.5 5.5 0 0 0 0 11",
  people: "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 3a2.3 2.3 0 0 1 0 4.4M12 9.7c1.6.5 2.5 1.8 2.5 3.8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  check: "M3 8.5 6.5 12 13 4.5",
};
