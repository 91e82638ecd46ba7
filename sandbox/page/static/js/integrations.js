// The programs that log in by themselves: green or red, and a field to paste a new token into.

import { post } from "./act.js";
import { preciseTimeOf } from "./dates.js";
import { fill, h, patch } from "./dom.js";
import { onChange, state } from "./state.js";

const place = document.getElementById("integrations");
const all = document.getElementById("log-in-all");
const count = document.getElementById("integrations-count");

/** Draw the integrations whenever one has logged in. */
export function watchIntegrations() {
  onChange(["integrations", "me"], draw);
  all.addEventListener("click", () => {
    for (const [org, list] of Object.entries(state.integrations)) {
      if (list.length > 0) post(`/orgs/${org}/log-in`, { name: "" });
    }
  });
}

function draw() {
  const wanted = Object.entries(state.integrations).flatMap(([org, list]) =>
    list.map((integration) => ({ org, integration })),
  );
  const broken = wanted.filter(({ integration }) => integration.works === false).length;
  count.textContent = broken || "";
  patch(place, wanted.map(({ org, integration }) => ({
    key: `${org} ${integration.name}`,
    mark: String(integration.keepsToken),
    make: () => card(org, integration),
  })));
  wanted.forEach(({ integration }, index) => {
    fill(place.children[index].querySelector(".standing"), standing(integration));
  });
}

function card(org, { name, everyMinutes, keepsToken }) {
  return h(
    "article",
    { class: "card integration", data: { integration: name } },
    h(
      "header",
      {},
      h("h3", {}, name),
      h(
        "button",
        {
          type: "button", class: "button small", "aria-label": `Log in now: ${name}`,
          onclick: () => post(`/orgs/${org}/log-in`, { name }),
        },
        "Log in now",
      ),
    ),
    h("div", { class: "standing", "aria-live": "polite" }),
    h(
      "p",
      { class: "quiet-words" },
      `Logs in to ${org} every ${everyMinutes === 1 ? "minute" : `${everyMinutes} minutes`}.`,
      !keepsToken && " Keeps no security token.",
    ),
    keepsToken && tokenForm(org, name),
  );
}

function tokenForm(org, name) {
  const box = h("input", {
    class: "text-box", type: "text", autocomplete: "off", spellcheck: "false",
    "aria-label": `New token for ${name}`, placeholder: "Paste the new token here",
  });
  return h(
    "form",
    {
      class: "token-form",
      onsubmit: (event) => {
        event.preventDefault();
        const token = box.value.trim();
        if (token === "") return;
        box.value = "";
        post(`/orgs/${org}/paste`, { name, token });
      },
    },
    box,
    h(
      "button",
      { type: "submit", class: "button small", "aria-label": `Save token: ${name}` },
      "Save",
    ),
  );
}

function standing({ works, error, at, succeeded, failed }) {
  if (works === null) return h("p", {}, h("span", { class: "dot" }), "Not logged in yet");
  const when = preciseTimeOf(at * 1000, state.me?.tz ?? "UTC");
  return [
    h(
      "p",
      { class: works ? "works" : "fails" },
      h("span", { class: works ? "dot good" : "dot bad", "aria-hidden": "true" }),
      h("strong", {}, works ? "Works" : "Fails"),
      h("span", { class: "quiet-words" }, ` at ${when} · ${succeeded} worked, ${failed} failed`),
    ),
    !works && h("p", { class: "error" }, error),
  ];
}
