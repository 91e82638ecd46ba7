// What this window asks of the server, and what is said when that goes wrong.

import { notice } from "./notice.js";
import { state } from "./state.js";

/** Post a wish. Returns the answer, or null after having said what went wrong. */
export async function post(path, wish) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wish),
    });
  } catch {
    notice("The sandbox doesn't answer. Nothing was sent.");
    return null;
  }
  const said = await answer.json();
  if (answer.ok) return said;
  notice(said.refusal);
  return null;
}

/** Let the person of this window do something in Slack. Returns whether Slack took it. */
export async function act(deed, wish) {
  const said = await post(`/people/${state.me.name}/${deed}`, wish);
  if (said?.error && said.error !== "unknown_command") {
    notice(`Slack says: ${state.slack.bot} didn't answer (${said.error}).`);
  }
  return said;
}
