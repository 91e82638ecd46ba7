// The guided tour: one card that says what comes next, points at it, and can do it by itself.

import { post } from "./act.js";
import { fill, h, icon, ICONS } from "./dom.js";
import { goTo, perform, targetOf } from "./gestures.js";
import { avatar } from "./message.js";
import { announce, notice } from "./notice.js";
import { addressOf } from "./people.js";
import { onChange, state } from "./state.js";

const place = document.getElementById("tour");
const EVERYTHING = ["slack", "mail", "integrations", "faults", "tour", "me"];
let be = () => {};
let shown = null;
let waiting = null;
let pointed = null;

/** Draw the tour; `become(name)` makes this window somebody else's. */
export function watchTour(become) {
  be = become;
  onChange(["tour", "stories", "me", "cast"], draw);
  onChange(EVERYTHING, point);
}

function draw() {
  const story = state.stories.find(({ name }) => name === state.tour.story);
  const { tour, me, stories, cast } = state;
  drawHelp();
  const mark = JSON.stringify([tour.story, tour.number, me?.name, stories.length, cast.length]);
  if (mark === shown || !me || cast.length === 0) return;
  shown = mark;
  if (!story) {
    fill(place, choice());
    return;
  }
  const step = story.steps[state.tour.number];
  fill(place, step ? card(story, step) : end(story));
  drawHelp();
  place.dataset.step = state.tour.number;
  announce(step ? step.tell : story.ends);
  if (!step || step.who !== state.me.name) return;
  goTo(step);
  if (waiting === state.tour.number) {
    waiting = null;
    perform(step);
  }
}

function choice() {
  delete place.dataset.step;
  return [
    h("h2", {}, "Guided tour"),
    h("p", { class: "quiet-words" }, "Click through a story, or do the steps by hand."),
    h(
      "ul",
      { class: "stories" },
      state.stories.map(({ name, title, about }) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "story", onclick: () => post("/tour/begin", { story: name }) },
            h("strong", {}, title),
            h("span", { class: "quiet-words" }, about),
          ),
        ),
      ),
    ),
    h(
      "p",
      { class: "quiet-words tour-foot" },
      h("a", { href: "/help", target: "_blank" }, "The same with curl"),
      afresh(),
    ),
  ];
}

function afresh() {
  return h(
    "button",
    {
      type: "button", class: "button small", title: "A new workspace and org: nothing done yet",
      onclick: () => post("/afresh", {}),
    },
    "Start afresh",
  );
}

/** Say how to go on where a step may be stuck: what was done before stays done, as in life. */
function drawHelp() {
  const help = place.querySelector(".tour-help");
  if (!help) return;
  const { late, used, number } = state.tour;
  const words = late
    ? "Not going on? What was done before may be in the way, or this takes its time. " +
      "Start afresh makes all of it new; the tour then begins again."
    : used && number === 0
      ? "A story was played here before, and what it did stays done, a frozen user for one. " +
        "Start afresh if you want this one as it is meant."
      : "";
  help.hidden = words === "";
  if (help.dataset.words === words) return;
  help.dataset.words = words;
  fill(help, h("p", {}, words), afresh());
  if (late) announce(words);
}

/** What is to be typed, to the letter: where a word is missing, another story begins. */
function typed({ kind, text, channel }) {
  if (kind !== "Type") return null;
  return h(
    "div",
    { class: "tour-typed" },
    h("p", { class: "quiet-words" }, `Type in ${channel === "dm" ? "the bot's DM" : `#${channel}`}:`),
    h("code", {}, text),
    h(
      "button",
      { type: "button", class: "button small", onclick: () => copy(text) },
      icon(ICONS.copy, 14),
      "Copy",
    ),
  );
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice("Copied. Paste it into the message field.");
  } catch {
    notice("Your browser didn't let the page copy it. Select it and copy it by hand.");
  }
}

function card(story, step) {
  const number = state.tour.number;
  const person = state.cast.find(({ name }) => name === step.who);
  const first = person.realName.split(" ")[0];
  const isMine = step.who === state.me.name;
  return [
    titled(`${story.title}`, `${number + 1} of ${story.steps.length}`),
    h("progress", {
      max: story.steps.length, value: number, "aria-label": "Steps of this story",
    }),
    h(
      "div",
      { class: "tour-step" },
      avatar({ author: person.realName, app: false }),
      h("p", {}, step.tell),
    ),
    step.deed && typed(step.deed),
    h(
      "div",
      { class: "tour-buttons" },
      mainButton(step, first, isMine, number),
      step.deed && isMine &&
        h("button", { type: "button", class: "button quiet", onclick: () => goOn(number) }, "Skip"),
      !isMine &&
        h(
          "a",
          { class: "button", href: addressOf(step.who), target: "_blank" },
          icon(ICONS.window, 12),
          `Window as ${first}`,
        ),
    ),
    h("div", { class: "tour-help", hidden: true }),
  ];
}

function mainButton(step, first, isMine, number) {
  const [label, click] = step.deed
    ? isMine
      ? ["Do it for me", () => perform(step)]
      : [`Be ${first} and do it`, () => doAs(step, number)]
    : ["Next", () => goOn(number)];
  return h("button", { type: "button", class: "button primary", onclick: click }, label);
}

function doAs(step, number) {
  waiting = number;
  be(step.who);
}

function goOn(number) {
  post("/tour/go-on", { number });
}

function end(story) {
  return [
    titled(story.title, "The end"),
    h("p", { class: "tour-end" }, icon(ICONS.check, 18), story.ends),
    h(
      "div",
      { class: "tour-buttons" },
      h(
        "button",
        { type: "button", class: "button primary", onclick: () => post("/tour/leave", {}) },
        "More stories",
      ),
    ),
  ];
}

function titled(title, where) {
  return h(
    "div",
    { class: "tour-head" },
    h("h2", {}, title),
    h("span", { class: "quiet-words" }, where),
    h(
      "button",
      {
        type: "button", class: "button quiet small", "aria-label": "Leave the tour",
        onclick: () => post("/tour/leave", {}),
      },
      icon(ICONS.close, 14),
    ),
  );
}

/** Ring what the step is done with. The page may have drawn it anew since. */
export function point() {
  const story = state.stories.find(({ name }) => name === state.tour.story);
  const step = story?.steps[state.tour.number];
  const mine = step && step.who === state.me?.name ? step : null;
  sayInModal(mine?.deed?.kind === "FillIn" ? mine : null);
  const target = mine ? targetOf(mine.deed) : null;
  if (pointed !== target) pointed?.classList.remove("pointed");
  target?.classList.add("pointed");
  pointed = target;
}

function sayInModal(step) {
  const strip = document.querySelector(".modal-tour");
  if (!strip || (strip.hidden && !step)) return;
  strip.hidden = !step;
  if (!step || strip.dataset.step === String(state.tour.number)) return;
  strip.dataset.step = state.tour.number;
  fill(
    strip,
    h("p", {}, step.tell),
    h(
      "button",
      { type: "button", class: "button small", onclick: () => perform(step) },
      "Do it for me",
    ),
  );
}
