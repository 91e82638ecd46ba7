// The Salesforce orgs: each user's token, password, sessions and grants, and their logins.

import { ago, dayLabel, timeOf } from "./dates.js";
import { fill, h, patch } from "./dom.js";
import { onChange, state } from "./state.js";

const picker = document.getElementById("org-picker");
const rows = document.getElementById("org-users");
const details = document.getElementById("org-details");
const PASSWORDS = { set: "set", temporary: "temporary", locked: "locked out" };
let chosen = null;

/** Draw the org whenever something in it changes. */
export function watchOrg() {
  onChange(["orgs", "me"], draw);
  picker.addEventListener("change", () => {
    chosen = null;
    draw();
  });
}

function draw() {
  drawPicker();
  const users = state.orgs[picker.value] ?? [];
  const open = users.find(({ id }) => id === chosen) ?? mine(users) ?? users[0];
  patch(rows, users.map((user) => ({
    key: user.id,
    mark: JSON.stringify([user, user === open]),
    make: () => row(user, user === open),
  })));
  if (open) fill(details, logins(open));
}

function drawPicker() {
  const names = Object.keys(state.orgs);
  if (names.join() === [...picker.options].map(({ value }) => value).join()) return;
  fill(picker, names.map((name) => h("option", { value: name }, name)));
}

function mine(users) {
  return users.find(({ username }) => username.split("@")[0] === state.me?.name);
}

function row(user, isOpen) {
  return h(
    "tr",
    { class: isOpen ? "open" : null, data: { user: user.username } },
    h(
      "th",
      { scope: "row" },
      h(
        "button",
        {
          type: "button",
          class: "user-name",
          "aria-pressed": String(isOpen),
          data: { focus: "user" },
          onclick: () => {
            chosen = user.id;
            draw();
          },
        },
        user.name,
        h("span", { class: "quiet-words" }, user.username),
      ),
    ),
    h("td", {}, h("span", { class: user.tokenVersion > 1 ? "chip new" : "chip" },
      `v${user.tokenVersion}`)),
    h("td", {}, h("span", { class: user.password === "set" ? "chip" : "chip bad" },
      PASSWORDS[user.password])),
    h("td", {}, standing(user)),
    h("td", { class: "number" }, user.sessions.length),
    h("td", { class: "number" }, user.grants.length),
  );
}

function standing(user) {
  if (!user.active) return h("span", { class: "chip" }, "inactive");
  if (user.frozen) return h("span", { class: "chip bad" }, "frozen");
  return h("span", { class: "chip good" }, "active");
}

function logins(user) {
  const tz = state.me?.tz ?? "UTC";
  return [
    h("h3", {}, user.name),
    h(
      "p",
      { class: "quiet-words" },
      `${user.profile} · ${user.failedLogins} failed logins in a row`,
    ),
    listed("Sessions", user.sessions, ({ kind, app, at }) => `${app ?? kind}, ${ago(at * 1000)}`),
    listed("Grants", user.grants, ({ app }) => app),
    h("h4", {}, `Login history (${user.loginCount})`),
    h("ol", { class: "logins" }, user.logins.map((login) => drawLogin(login, tz))),
  ];
}

function listed(title, items, words) {
  return h(
    "p",
    { class: "listed" },
    h("strong", {}, `${title}: `),
    items.length ? items.map(words).join(" · ") : "none",
  );
}

function drawLogin(login, tz) {
  const { application, type, address } = login;
  const at = login.at * 1000;
  const worked = login.status === "Success";
  return h(
    "li",
    {},
    h("span", { class: worked ? "dot good" : "dot bad", "aria-hidden": "true" }),
    h("span", { class: "login-what" }, application === "N/A" ? type : application),
    h("span", { class: "quiet-words" }, `${address} · ${dayLabel(at, tz)}, ${timeOf(at, tz)}`),
    h("span", { class: worked ? "login-status" : "login-status bad" }, login.status),
  );
}
