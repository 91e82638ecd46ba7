// A button that opens a small menu, for mouse and keyboard.

import { h } from "./dom.js";

/** Make one. `options` are `{label, choose, danger}`. */
export function menu({ label, className, content, options, focus }) {
  const items = options.map((option) =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: -1,
        class: option.danger ? "danger" : null,
        onclick: () => {
          close();
          opener.focus();
          option.choose();
        },
      },
      option.label,
    ),
  );
  const list = h("div", { class: "menu", role: "menu", "aria-label": label, hidden: true }, items);
  const opener = h(
    "button",
    {
      type: "button",
      class: className,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": label,
      title: label,
      data: focus ? { focus } : {},
      onclick: () => (list.hidden ? open() : close()),
    },
    content,
  );
  const whole = h(
    "div",
    {
      class: "menu-place",
      onkeydown: (event) => moveBy(event),
      onfocusout: (event) => {
        if (!whole.contains(event.relatedTarget)) close();
      },
    },
    opener,
    list,
  );

  function open() {
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    list.classList.toggle("up", list.getBoundingClientRect().bottom > window.innerHeight - 8);
    items[0].focus();
  }

  function close() {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  }

  function moveBy(event) {
    if (list.hidden) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Escape") {
      close();
      opener.focus();
    } else if (event.key in steps) {
      const at = items.indexOf(document.activeElement) + steps[event.key];
      items[(at + items.length) % items.length].focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  return whole;
}
