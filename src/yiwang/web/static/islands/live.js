// Keeps a screen true without a reload: listens to the screen's events and changes only what changed.
// Without it the page shows what it showed when it was opened.

const mark = document.querySelector("[data-live]");
const state = mark.querySelector("[data-live-state]");
const moment = mark.querySelector("[data-live-at]");
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", timeStyle: "medium" });
const PATIENCE = 60_000;
let heard = Date.now();

function tell(what) {
  mark.dataset.state = what;
  state.textContent = mark.dataset[what];
}

function hear() {
  heard = Date.now();
  moment.textContent = clock.format(heard);
  if (mark.dataset.state !== "on") tell("on");
}

function apply(part) {
  const box = document.querySelector(`[data-part="${part.place}"]`);
  if (!box) return;
  const words = box.matches("[data-words]") ? box : box.querySelector("[data-words]");
  if (words.innerHTML !== part.words && !words.contains(document.activeElement)) words.innerHTML = part.words;
  const figure = part.drawing && box.querySelector("figure");
  if (figure) figure.dispatchEvent(new CustomEvent("yiwang:change", { detail: part.drawing }));
}

const source = new EventSource(mark.dataset.live);
source.addEventListener("parts", (event) => {
  hear();
  JSON.parse(event.data).forEach(apply);
});
source.addEventListener("beat", hear);
source.addEventListener("over", () => {
  source.close();
  tell("over");
});
// composed anew or withdrawn: the page itself says which
source.addEventListener("anew", () => {
  source.close();
  location.reload();
});
source.addEventListener("error", () => {
  if (mark.dataset.state === "over") return;
  // asked again by the browser itself, unless the server refused
  if (source.readyState === EventSource.CLOSED) tell("over");
  else if (Date.now() - heard > PATIENCE / 2) tell("off");
});
setInterval(() => {
  if (mark.dataset.state === "on" && Date.now() - heard > PATIENCE) tell("off");
}, 5_000);
