// Reports on a phone: rows of divisions and lists of people, filled in without a network and sent later.
import { Outbox, element, say } from "./outbox.js";

const page = document.querySelector("[data-field]");
let made = 0;

// --- drawing

function input(one) {
  const id = `i${(made += 1)}`;
  const same = { id, name: `answer-${one.name}`, ...(one.required ? { required: "" } : {}) };
  const label = element("label", { for: id }, one.title);
  if (!one.required) label.append(element("span", { class: "optional" }, say("选填", "optional")));
  let field;
  if (one.options.length) {
    field = element("select", same, element("option", { value: "" }, say("请选择", "Choose")));
    for (const [value, title] of one.options) field.append(element("option", { value, ...(value === one.value ? { selected: "" } : {}) }, title));
  } else {
    const modes = { integer: { inputmode: "numeric" }, decimal: { inputmode: "decimal" } };
    field = element("input", { ...same, type: one.type === "date" ? "date" : "text", value: one.value, ...modes[one.type] });
  }
  return element("div", { class: "field" }, label, ...(one.help ? [element("p", { class: "help" }, one.help)] : []), field);
}

function form(kind, work, extra, label, fields, button, danger) {
  const hidden = { round: work.round, division: work.division, entry: 0, version: 0, label, ...extra };
  const inputs = Object.entries(hidden).map(([name, value]) => element("input", { type: "hidden", name, value }));
  const act = element("div", { class: "form-actions" }, element("button", { class: `button ${danger ? "danger" : "primary"}` }, button));
  return element("form", { class: "stack", "data-entry": kind }, ...inputs, ...fields, act);
}

const folded = (title, ...inside) => element("details", { class: "move" }, element("summary", { class: "button" }, title), ...inside);
const known = (pairs) => element("p", { class: "note" }, pairs.map(([title, value]) => `${title}：${value}`).join("；"));
const waits = () => element("p", {}, element("span", { class: "pill blue" }, say("已填，等待同步", "filled in, waiting to be sent")));

function line(work, one, waiting) {
  const label = `${work.title} ${one.known[0]?.[1] ?? ""}`;
  const card = element("li", {}, known(one.known));
  if (waiting.some((each) => each.entry === one.entry && !each.answer)) card.append(waits());
  else {
    const same = { entry: one.entry, version: one.version };
    if (one.filled) card.append(element("p", {}, element("span", { class: "pill green" }, say("已填", "filled in"))));
    const reason = { name: "", title: say("剔除原因", "Reason"), type: "text", required: true, help: say("如 已去世、已迁出", ""), options: [], value: "" };
    const why = input(reason);
    why.querySelector("input").name = "reason";
    card.append(folded(say("填写", "Fill in"), form("fill", work, same, label, one.asked.map(input), say("保存", "Save"))));
    card.append(folded(say("剔除", "Strike out"), form("strike", work, same, label, [why], say("剔除", "Strike out"), true)));
  }
  return card;
}

function card(work, waiting) {
  const mine = waiting.filter((one) => one.round === work.round && one.division === work.division);
  const body = element("div", { class: "card-body" }, element("h2", {}, `${work.title} · ${work.name}`), element("p", {}, say(`${work.label} 期，${work.due} 截止`, `${work.label}, due ${work.due}`)));
  const label = `${work.title} ${work.name}`;
  if (work.kind === "row") {
    if (work.known.length) body.append(element("details", {}, element("summary", {}, say(`平台已有 ${work.known.length} 项`, `${work.known.length} known`)), known(work.known)));
    if (mine.some((one) => !one.answer)) body.append(waits());
    else body.append(folded(say(`填写 ${work.asked.length} 项`, `Fill in ${work.asked.length}`), form("row", work, { version: work.version }, label, work.asked.map(input), say("保存", "Save"))));
  } else {
    const left = work.lines.filter((one) => !one.filled && !mine.some((each) => each.entry === one.entry)).length;
    body.append(element("p", {}, say(`在册 ${work.lines.length} 人（条），还没填 ${left}`, `${work.lines.length} listed, ${left} to fill in`)));
    body.append(folded(say("打开名册", "Open the list"), element("ul", { class: "rows" }, ...work.lines.map((one) => line(work, one, mine)))));
    body.append(folded(say("补一条", "Add one"), form("add", work, {}, label, work.new.map(input), say("补进名册", "Add"))));
    if (!left) body.append(form("submit", work, {}, label, [], say("报送名册", "Hand in the list")));
  }
  return element("article", { class: "card" }, body);
}

// A form that is being filled in is not redrawn under the hand: drawing waits until it is sent.
function isBusy() {
  return [...page.querySelectorAll("[data-field-reports] details[open] form")].some((one) => one.offsetParent && [...one.elements].some((field) => field.type !== "hidden" && field.value && field.value !== field.defaultValue));
}

let drawn = "";
function drawWork(work, waiting) {
  const state = JSON.stringify([work.reports, work.left, waiting.map((one) => [one.name, one.answer])]);
  if (state === drawn || isBusy()) return;
  drawn = state;
  const cards = work.reports.map((one) => card(one, waiting));
  if (work.left) cards.unshift(element("p", { class: "callout note" }, say(`还有 ${work.left} 张没有带到本机：先报期限近的这些，同步之后自动带下一批；也可在“报表填报”中在线填写。`, `${work.left} more were not taken along: send these first, the next ones follow; or fill them in online.`)));
  box.part("reports").replaceChildren(...(cards.length ? cards : [element("p", { class: "empty" }, say("没有要填的报表", "No reports to fill in"))]));
}

async function entered(form) {
  const { round, division, entry, version, label, ...what } = Object.fromEntries(new FormData(form));
  await box.keep({ kind: form.dataset.entry, round: Number(round), division, entry: Number(entry), version: Number(version), what, label }, form);
}

const kinds = { row: say("填报", "Report"), fill: say("名册填写", "List"), add: say("名册新增", "Added"), strike: say("名册剔除", "Struck out"), submit: say("报送名册", "Handed in") };
const box = new Outbox(page, { base: "yiwang-report", kinds, drawWork });
page.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-entry]");
  if (!form) return;
  event.preventDefault();
  entered(form);
});
await box.begin();
