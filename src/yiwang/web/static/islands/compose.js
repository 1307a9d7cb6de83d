// What scripts add to the composer: parts are dragged or moved without a reload, the preview follows.
// Without it every button sends the form and the page comes back rearranged.

const form = document.querySelector("[data-composer]");
const list = form.querySelector("[data-list]");
const told = form.querySelector("[data-told]");
const preview = document.querySelector("[data-preview]");
let waiting = 0;
let asked = 0;

async function show() {
  const number = (asked += 1);
  const answer = await fetch(form.dataset.composer, { method: "POST", body: new FormData(form) });
  if (!answer.ok || number !== asked) return;
  preview.innerHTML = await answer.text();
  document.documentElement.dispatchEvent(new CustomEvent("yiwang:draw"));
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, 400);
}

function renumber() {
  const items = [...list.children];
  items.forEach((item, n) => {
    for (const button of item.querySelectorAll("[data-move]")) {
      button.value = `${button.dataset.move}-${n}`;
      button.disabled = (button.dataset.move === "up" && n === 0) || (button.dataset.move === "down" && n === items.length - 1);
    }
  });
  soon();
}

function say(item) {
  told.textContent = form.dataset.moved.replace("#", [...list.children].indexOf(item) + 1);
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("[data-item]");
  if (button.dataset.move === "remove") {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    told.textContent = form.dataset.removed;
    renumber();
    (next?.querySelector("[data-move=remove]") ?? form.querySelector("[name=screen_title]")).focus();
    return;
  }
  if (button.dataset.move === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  renumber();
  say(item);
  (button.disabled ? item.querySelector("[data-move]:not(:disabled)") : button).focus();
});

// Dragging by the grip, with mouse, pen or finger.
let held = null;
list?.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("[data-grip]")) return;
  held = event.target.closest("[data-item]");
  held.classList.add("held");
  list.setPointerCapture(event.pointerId);
  event.preventDefault();
});
list?.addEventListener("pointermove", (event) => {
  if (!held) return;
  for (const item of list.children) {
    const box = item.getBoundingClientRect();
    if (item !== held && event.clientY > box.top && event.clientY < box.bottom) {
      if (event.clientY > box.top + box.height / 2) item.after(held);
      else item.before(held);
      break;
    }
  }
});
function drop() {
  if (!held) return;
  held.classList.remove("held");
  say(held);
  held = null;
  renumber();
}
list?.addEventListener("pointerup", drop);
list?.addEventListener("pointercancel", drop);
form.addEventListener("change", (event) => {
  if (!event.target.name?.startsWith("new_")) soon();
});
