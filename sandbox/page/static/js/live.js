// The window's line to the server: server-sent events, opened again by itself when it breaks.

import { change, state } from "./state.js";

let source = null;

/** Be this person in this window: show what they see, from now on. */
export function become(name, onConnection) {
  source?.close();
  onConnection("connecting");
  source = new EventSource(`/events?as=${encodeURIComponent(name)}`);
  source.onopen = () => onConnection("connected");
  source.onerror = () =>
    onConnection(source.readyState === EventSource.CLOSED ? "refused" : "disconnected");
  for (const part of Object.keys(state)) {
    source.addEventListener(part, (event) => change(part, JSON.parse(event.data)));
  }
}
