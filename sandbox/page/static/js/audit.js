// The bot's audit as it is written: every move, and every press that had no effect.

import { preciseTimeOf } from "./dates.js";
import { h, patch } from "./dom.js";
import { nameOf, onChange, state } from "./state.js";

const place = document.getElementById("audit");

/** Draw the audit whenever a row is written. */
export function watchAudit() {
  onChange(["audit", "me"], draw);
}

function draw() {
  if (state.audit.length === 0) {
    const words = "Nothing yet. Each move of a reset is a row here.";
    const make = () => h("p", { class: "empty" }, words);
    patch(place, [{ key: "none", mark: "", make }]);
    return;
  }
  patch(place, state.audit.toReversed().map((row) => ({
    key: JSON.stringify(row),
    mark: state.me?.tz ?? "",
    make: () => drawRow(row),
  })));
}

function drawRow(row) {
  const who = row.slack_user ? (nameOf(row.slack_user) ?? row.slack_user) : "the bot";
  const id = row.reset_id ?? row.case_id;
  return h(
    "article",
    { class: "audit-row" },
    h("time", { datetime: row.at }, preciseTimeOf(Date.parse(row.at), state.me?.tz ?? "UTC")),
    h(
      "div",
      {},
      h(
        "p",
        {},
        h("strong", {}, row.what),
        row.after && h("span", { class: "moves" }, ` ${row.before ?? "–"} → ${row.after}`),
      ),
      h(
        "p",
        { class: "quiet-words" },
        [who, row.org, row.why, row.detail, id && `${id.slice(0, 8)}…`]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
  );
}
