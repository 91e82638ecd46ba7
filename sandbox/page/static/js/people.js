// Whose window this is, and a click to be somebody else, here or in a new window.

import { h, icon, ICONS, patch } from "./dom.js";
import { avatar } from "./message.js";
import { onChange, state } from "./state.js";

const leads = document.getElementById("leads");
const others = document.getElementById("others");

/** Draw the people; `be(name)` is called when another one is chosen. */
export function watchPeople(be) {
  onChange(["cast", "me"], () => draw(be));
  others.addEventListener("change", () => {
    if (others.value) be(others.value);
  });
}

/** The address of somebody's window. */
export function addressOf(name) {
  return `/?as=${encodeURIComponent(name)}`;
}

function draw(be) {
  const mine = state.me?.name;
  patch(leads, state.cast.filter((person) => person.lead).map((person) => entry(person, mine, be)));
  const rest = state.cast.filter((person) => !person.lead);
  others.replaceChildren(
    h("option", { value: "" }, "Others"),
    ...rest.map(({ name, realName, role }) =>
      h("option", { value: name, selected: name === mine }, `${realName} · ${role}`),
    ),
  );
}

function entry(person, mine, be) {
  const isMe = person.name === mine;
  return {
    key: person.name,
    mark: String(isMe),
    make: () => h("li", { class: "person" }, here(person, isMe, be), apart(person)),
  };
}

function here({ name, realName, role }, isMe, be) {
  return h(
    "a",
    {
      class: "person-here",
      href: addressOf(name),
      "aria-current": isMe ? "true" : null,
      data: { focus: "person", person: name },
      onclick: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        be(name);
      },
    },
    avatar({ author: realName, app: false }),
    h(
      "span",
      { class: "person-words" },
      h("span", { class: "person-name" }, realName.split(" ")[0]),
      h("span", { class: "person-role" }, role),
    ),
  );
}

function apart({ name, realName }) {
  const label = `Open a window as ${realName.split(" ")[0]}`;
  return h(
    "a",
    {
      class: "person-apart", href: addressOf(name), target: "_blank",
      "aria-label": label, title: label,
    },
    icon(ICONS.window, 12),
  );
}
