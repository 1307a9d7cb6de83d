// The field page: tasks, reports and visits. What is done waits in the phone's own database until it is sent.
import { Outbox, element, say } from "./outbox.js";

const page = document.querySelector("[data-field]");
const LARGEST = 1600;

// --- what the phone measures

function here() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      (found) => resolve({ lon: found.coords.longitude, lat: found.coords.latitude }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: 6000, maximumAge: 30000 },
    );
  });
}

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/jpeg", 0.85));
  } catch {
    return file;
  }
}

// --- drawing

const LIGHTS = { green: say("正常", "in time"), yellow: say("临期", "due soon"), red: say("超期", "late") };

function moveForm(task, move, index) {
  const form = element("form", { class: "stack", "data-entry": "act" });
  for (const [name, value] of [["number", task.number], ["verb", move.verb], ["to", move.to], ["task", move.task]]) {
    form.append(element("input", { type: "hidden", name, value }));
  }
  for (const [need, title] of move.needs) {
    if (need === "reason") continue;
    const id = `${task.number}-${index}-${need}`;
    const field = need === "photo"
      ? element("input", { id, name: "photo", type: "file", accept: "image/jpeg,image/png", capture: "environment", required: "" })
      : element("input", { id, name: `evidence-${need}`, type: "text", maxlength: "200", required: "" });
    form.append(element("div", { class: "field" }, element("label", { for: id }, title), field));
  }
  const id = `${task.number}-${index}-reason`;
  const asks = move.needs.some(([need]) => need === "reason");
  const area = element("textarea", { id, name: "reason", rows: "2", maxlength: "1500", ...(asks ? { required: "" } : {}) });
  form.append(element("div", { class: "field" }, element("label", { for: id }, say("意见", "Remark")), area));
  form.append(element("div", { class: "form-actions" }, element("button", { class: "button primary" }, move.title)));
  return element("details", { class: "move" }, element("summary", { class: "button" }, move.title), form);
}

function taskCard(task, waiting) {
  const done = waiting.some((one) => one.what.number === task.number && !one.answer);
  const facts = element("p", { class: "note" }, Object.entries(task.facts).map(([name, value]) => `${name}：${value}`).join("；"));
  const light = element("span", { class: `pill ${task.light}` }, `${LIGHTS[task.light]} ${task.due}`);
  const card = element("article", { class: "card" });
  const body = element("div", { class: "card-body" }, element("h2", {}, task.title), element("p", {}, task.step, " ", light), facts);
  if (done) body.append(element("p", { class: "pill blue" }, say("已办理，等待同步", "done, waiting to be sent")));
  else body.append(...task.moves.map((move, index) => moveForm(task, move, index)));
  card.append(body);
  return card;
}

function drawWork(work, waiting) {
  const tasks = work.tasks.map((task) => taskCard(task, waiting));
  box.part("tasks").replaceChildren(...(tasks.length ? tasks : [element("p", { class: "empty" }, say("没有待办任务", "No tasks"))]));
  options(box.part("kinds"), work.kinds);
  options(box.part("duties"), work.duties.map((one) => [one, one]));
}

function options(select, pairs) {
  if (select.options.length === pairs.length) return;
  select.replaceChildren(...pairs.map(([value, title]) => element("option", { value }, title)));
}

async function entered(form) {
  const given = new FormData(form);
  const what = {};
  const files = {};
  for (const [name, value] of given) {
    if (!(value instanceof File)) what[name] = value;
    else if (value.size) files[name] = await smaller(value);
  }
  const place = await here();
  await box.keep({ kind: form.dataset.entry, lon: place?.lon ?? null, lat: place?.lat ?? null, what, files, label: what.summary ?? what.about ?? what.number }, form);
}

const kinds = { report: say("上报", "Report"), act: say("办理", "Act"), visit: say("走访", "Visit") };
const box = new Outbox(page, { base: "yiwang-field", kinds, drawWork });
page.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-entry]");
  if (!form) return;
  event.preventDefault();
  entered(form);
});
await box.begin();
