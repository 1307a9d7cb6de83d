// Keeps a page for phones and what it needs for when there is no network; the work itself stands in the phone's own database.

const HERE = new URL(self.registration.scope).pathname;
const SHELF = `${HERE.includes("report") ? "yiwang-report" : "yiwang-field"}-1`;
const needed = (path) => path === HERE || path.includes("/static/");

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  const clear = caches.keys().then((names) => Promise.all(names.filter((name) => name === "field-1").map((name) => caches.delete(name))));
  event.waitUntil(clear.then(() => self.clients.claim()));
});

async function fresh(request) {
  const shelf = await caches.open(SHELF);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await shelf.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await shelf.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const address = new URL(request.url);
  if (request.method === "GET" && address.origin === location.origin && needed(address.pathname)) event.respondWith(fresh(request));
});
