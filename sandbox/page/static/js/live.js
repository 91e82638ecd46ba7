// The window's line to the server: server-sent events, opened again by itself when it breaks.

import { afterPress } from "./press.js";
import { change, state } from "./state.js";

let source = null;

/** Be this person in this window: show what they see, from now on. */
export function become(name, onConnection) {
  source?.close();
  onConnection("connecting");
  const mine = new EventSource(`/events?as=${encodeURIComponent(name)}`);
  source = mine;
  source.onopen = () => onConnection("connected");
  source.onerror = () =>
    onConnection(source.readyState === EventSource.CLOSED ? "refused" : "disconnected");
  for (const part of Object.keys(state)) {
    source.addEventListener(part, ({ data }) => afterPress(() => {
      if (source === mine) change(part, JSON.parse(data)); // else somebody else sits here by now
    }));
  }
}
