// The mailbox of this window's person: what Salesforce mailed, and the token in it.

import { dayLabel, timeOf } from "./dates.js";
import { h, icon, ICONS, patch } from "./dom.js";
import { isWebAddress } from "./mrkdwn.js";
import { notice } from "./notice.js";
import { myself, onChange, state } from "./state.js";

const place = document.getElementById("mail");
const count = document.getElementById("mail-count");

/** Draw the mailbox whenever a mail comes. */
export function watchMail() {
  onChange(["mail", "me", "cast"], draw);
}

function draw() {
  count.textContent = state.mail.length || "";
  if (state.mail.length === 0) {
    patch(place, [{ key: "none", mark: myself()?.name ?? "", make: none }]);
    return;
  }
  patch(place, state.mail.map((mail) => ({
    key: `${mail.at} ${mail.subject}`,
    mark: state.me?.tz ?? "",
    make: () => drawMail(mail),
  })));
}

function none() {
  const whose = myself()?.realName ?? "this person";
  return h("p", { class: "empty" }, `No mail for ${whose}. Salesforce mails a new token here.`);
}

function drawMail(mail) {
  const at = mail.at * 1000;
  const tz = state.me?.tz ?? "UTC";
  return h(
    "article",
    { class: "card mail" },
    h("h3", {}, mail.subject),
    h(
      "p",
      { class: "quiet-words" },
      `${mail.sender} to ${mail.to} · ${dayLabel(at, tz)}, ${timeOf(at, tz)}`,
    ),
    h("div", { class: "mail-text" }, mail.text.split("\n").map((line) => drawLine(line, mail))),
  );
}

function drawLine(line, mail) {
  if (mail.token && line.endsWith(mail.token)) {
    const label = line.slice(0, -mail.token.length);
    return h(
      "p",
      { class: "token-line" },
      label,
      h("code", { class: "token" }, mail.token),
      h(
        "button",
        { type: "button", class: "button small", onclick: () => copy(mail.token) },
        icon(ICONS.copy, 14),
        "Copy token",
      ),
    );
  }
  if (isWebAddress(line)) {
    return h("p", {}, h("a", { href: line, target: "_blank", rel: "noopener noreferrer" }, line));
  }
  return h("p", {}, line);
}

async function copy(token) {
  try {
    await navigator.clipboard.writeText(token);
    notice("The token is copied. Paste it into an integration.");
  } catch {
    notice("Your browser didn't let the page copy it. Select it and copy it by hand.");
  }
}
