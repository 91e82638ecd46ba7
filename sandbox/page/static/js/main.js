// Puts the page together: who this window is, what it shows, and its line to the server.

import * as composer from "./composer.js";
import * as conversation from "./conversation.js";
import { become } from "./live.js";
import { watchModal } from "./modal.js";
import { watchPanels } from "./panels.js";
import { addressOf, watchPeople } from "./people.js";
import * as places from "./places.js";
import * as sidebar from "./sidebar.js";
import { myself, onChange } from "./state.js";
import { watchTheme } from "./theme.js";
import { point, watchTour } from "./tour.js";

const FIRST = "ada";
const connection = document.getElementById("connection");
const WORDS = {
  connecting: "Connecting …",
  connected: "Live",
  disconnected: "Disconnected. Trying again …",
  refused: "Nobody of that name is here.",
};

function show(status) {
  connection.dataset.status = status;
  connection.textContent = WORDS[status];
}

function be(name) {
  if (name === asked()) return;
  history.pushState(null, "", addressOf(name));
  sit();
}

function asked() {
  return new URLSearchParams(location.search).get("as") ?? FIRST;
}

/** Let whoever the address names sit down in this window. */
function sit() {
  places.forget();
  conversation.forget();
  composer.forget();
  become(asked(), show);
}

places.onOpened(() => {
  sidebar.draw();
  conversation.draw();
  composer.draw();
  point();
});
onChange(["cast", "me"], () => {
  document.title = `${myself()?.realName ?? "Sandbox"} · Acme`;
});
onChange(["slack"], composer.draw);
watchTheme();
watchPeople(be);
sidebar.watchSidebar();
conversation.watchConversation();
composer.watchComposer();
watchModal();
watchPanels();
watchTour(be);
window.addEventListener("popstate", sit);
sit();
