// A press begins and ends on the same button, or the browser makes no click of it. So what would
// draw the page anew waits while a button is held down.

let held = false;
let waiting = [];

/** Do it now, or once the press that is under way has become a click. */
export function afterPress(act) {
  if (held) waiting.push(act);
  else act();
}

function release() {
  held = false;
  const acts = waiting;
  waiting = [];
  for (const act of acts) act();
}

window.addEventListener("pointerdown", (event) => {
  // Only `release` ends it: what waits must not be overtaken by what comes later.
  if (event.button === 0 && event.target.closest("button, a, summary")) held = true;
}, true);
for (const end of ["pointerup", "pointercancel"]) {
  // The click comes right after the end of a press.
  window.addEventListener(end, () => setTimeout(release), true);
}
// Not while it is captured: that would be each field's that loses the focus to the button.
window.addEventListener("blur", release);
