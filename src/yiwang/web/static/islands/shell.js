// What the shell adds when scripts run: dialogs, menus that close, preferences without a reload, the clock.
// Every page works without it.

const root = document.documentElement;

for (const button of document.querySelectorAll("[data-prints]")) button.hidden = false;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-prints]")) print();
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  for (const drop of document.querySelectorAll("details.drop[open]")) {
    if (!drop.contains(event.target)) drop.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const drop of document.querySelectorAll("details.drop[open]")) {
    drop.open = false;
    drop.querySelector("summary").focus();
  }
});

// On a narrow window the side menu begins closed.
if (matchMedia("(width < 1000px)").matches) {
  for (const menu of document.querySelectorAll("[data-menu]")) menu.open = false;
}

// Of a drawing too long for the page, the present step is in sight.
for (const node of document.querySelectorAll(".flow-long .node.now")) {
  const box = node.closest(".flow-scroll"), at = node.getBoundingClientRect(), frame = box.getBoundingClientRect();
  box.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
}

// A form must not be sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});

// Partial loads keep the token and show a failed load instead of nothing.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// The place's time, whatever the reader's machine thinks; Swedish writes 2026-11-02 09:00:00.
const time = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });
function tick() {
  for (const clock of document.querySelectorAll("[data-clock]")) clock.textContent = time.format(new Date());
}
if (document.querySelector("[data-clock]")) {
  tick();
  setInterval(tick, 1000);
}

// Live parts of a screen may ask to be drawn again: islands listen for this.
document.addEventListener("htmx:load", (event) => {
  root.dispatchEvent(new CustomEvent("yiwang:draw", { detail: event.detail.elt }));
});

// What renews itself waits while its reader has something open in it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const region = event.detail.target;
  if (region.matches("[data-waits]") && region.querySelector("details.move[open]")) event.detail.shouldSwap = false;
});
