// What pages for phones share: entries wait in the phone's own database until they are sent, one after another, once.

export const english = document.documentElement.lang.startsWith("en");
export const say = (zh, en) => (english ? en : zh);

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const TONES = { done: "green", conflict: "yellow", refused: "red" };

// The queue of one page. `kinds` names what an entry is, `drawWork(work, waiting)` draws the work.
export class Outbox {
  constructor(page, { base, kinds, drawWork }) {
    Object.assign(this, { page, kinds, drawWork, name: `${base}-${page.dataset.officer}`, shelf: base, sending: false });
  }

  part(name) { return this.page.querySelector(`[data-field-${name}]`); }
  told(text) { this.part("state").textContent = text; }

  // --- the phone's own database, one for each officer

  opened() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(this.name, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("queue", { keyPath: "name" });
        asked.result.createObjectStore("kept");
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async stored(store, mode, act) {
    const base = await this.opened();
    return new Promise((resolve, reject) => {
      const turn = base.transaction(store, mode);
      const asked = act(turn.objectStore(store));
      turn.oncomplete = () => { base.close(); resolve(asked?.result); };
      turn.onerror = turn.onabort = () => { base.close(); reject(turn.error); };
    });
  }

  async queued() { return (await this.stored("queue", "readonly", (one) => one.getAll())).sort((a, b) => a.at - b.at); }
  put(entry) { return this.stored("queue", "readwrite", (one) => one.put(entry)); }
  drop(name) { return this.stored("queue", "readwrite", (one) => one.delete(name)); }
  keepWork(work) { return this.stored("kept", "readwrite", (one) => one.put(work, "work")); }
  keptWork() { return this.stored("kept", "readonly", (one) => one.get("work")); }

  // --- drawing

  async draw() {
    const work = await this.keptWork();
    const waiting = await this.queued();
    this.part("waiting").textContent = waiting.filter((one) => !one.answer).length;
    this.part("queue").replaceChildren(...waiting.map((one) => this.line(one)));
    if (work) this.drawWork(work, waiting);
  }

  line(entry) {
    const at = new Date(entry.at).toLocaleString(english ? "en" : "zh-CN");
    const line = element("li", {}, `${this.kinds[entry.kind]} · ${entry.label} · ${at} `);
    if (!entry.answer) line.append(element("span", { class: "pill grey" }, say("待同步", "waiting")));
    else {
      line.append(element("span", { class: `pill ${TONES[entry.answer.outcome] ?? "red"}` }, entry.answer.text));
      const button = element("button", { type: "button", class: "button quiet" }, say("知道了", "Got it"));
      button.addEventListener("click", async () => { await this.drop(entry.name); await this.draw(); });
      line.append(button);
    }
    return line;
  }

  // --- keeping and sending

  // A form is emptied once the phone's own database has its entry, not before.
  async keep(entry, form) {
    const now = new Date();
    form.inert = true;
    try {
      await this.put({ name: crypto.randomUUID(), at: now.getTime(), made_at: now.toISOString(), files: {}, ...entry });
    } catch (error) {
      this.told(say(`没有存进本机（${error?.message ?? error}）：填的内容还在表单里，请留在本页，腾出手机空间后再保存。`, `Not kept on this phone (${error?.message ?? error}): what you wrote is still in the form; stay here, free some space and save again.`));
      return;
    } finally {
      form.inert = false;
    }
    form.reset();
    this.told(say("已保存在本机。", "Kept on this phone."));
    await this.draw();
    await this.send();
  }

  async fetchWork() {
    const answer = await fetch(this.page.dataset.work, { redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      this.told(say("登录已过期：内容仍在本机，请重新登录后同步。", "Signed out: everything is kept here; sign in again to send it."));
      this.part("state").append(" ", element("a", { href: this.page.dataset.login }, say("去登录", "Sign in")));
      return null;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const work = await answer.json();
    if (work.officer !== this.page.dataset.officer) location.reload();
    return work;
  }

  async sendOne(entry, token) {
    const body = new FormData();
    const { at, files, label, answer: _, ...told } = entry;
    body.append("entry", JSON.stringify(told));
    for (const [file, content] of Object.entries(files)) body.append(file, content, `${file}.jpg`);
    const answer = await fetch(this.page.dataset.sync, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    const known = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
    if (answer.ok) return known;
    if (known?.title && answer.status >= 400 && answer.status < 500 && answer.status !== 401) return { outcome: "refused", text: `${known.title}${known.hint ?? ""}` };
    throw new Error(String(answer.status));
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    try {
      let work = await this.fetchWork();
      if (!work) return;
      for (const entry of (await this.queued()).filter((one) => !one.answer)) {
        entry.answer = await this.sendOne(entry, work.token);
        await this.put(entry);
      }
      work = await this.fetchWork();
      if (work) await this.keepWork(work);
      if (navigator.onLine) this.told(say(`已同步，${new Date().toLocaleTimeString("zh-CN")}`, `In step, ${new Date().toLocaleTimeString("en")}`));
      this.page.dataset.ready = "1";
    } catch {
      this.told(say("没有网络：照常填写，有信号时自动同步。", "No network: go on, it is sent when there is one."));
      this.page.dataset.ready = "offline";
    } finally {
      this.sending = false;
      await this.draw();
    }
  }

  // The first visit already keeps what the next one without a network needs.
  async shelve() {
    const shelf = await caches.open(`${this.shelf}-1`);
    const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((one) => one.href || one.src);
    await Promise.all([location.pathname, import.meta.url, ...parts].map((one) => shelf.add(one).catch(() => {})));
  }

  async begin() {
    this.page.addEventListener("click", (event) => {
      const tab = event.target.closest("[data-tab]");
      if (!tab) return;
      for (const one of this.page.querySelectorAll("[data-tab]")) one.setAttribute("aria-pressed", String(one === tab));
      for (const pane of this.page.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== tab.dataset.tab;
    });
    this.part("send").addEventListener("click", () => this.send());
    addEventListener("online", () => this.send());
    setInterval(() => this.send(), 60000);
    navigator.serviceWorker?.register(this.page.dataset.worker).then(() => this.shelve()).catch(() => {});
    await this.draw();
    await this.send();
  }
}
