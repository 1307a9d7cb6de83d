// Fills a map from the server: points where few are in view, circles with a number where many are.

import * as maplibre from "../vendor/maplibre/maplibre-gl.mjs";

const source = document.querySelector("[data-fills]");
const figure = document.querySelector(`figure[data-map="${source?.dataset.fills}-data"]`);
const english = document.documentElement.lang.startsWith("en");
let drawn = [];
let asked = 0;

function circle(map, one) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = one.alerting ? "map-circle red" : "map-circle";
  button.dataset.size = one.count >= 1000 ? "3" : one.count >= 50 ? "2" : "1";
  button.textContent = one.count.toLocaleString();
  const alerts = one.alerting ? (english ? `, ${one.alerting} with an alert` : `，其中 ${one.alerting} 个预警`) : "";
  button.setAttribute("aria-label", english ? `${one.count} here${alerts}, zoom in` : `${one.count} 个${alerts}，放大`);
  button.addEventListener("click", () => map.easeTo({ center: [one.lon, one.lat], zoom: map.getZoom() + 2, duration: 0 }));
  return new maplibre.Marker({ element: button }).setLngLat([one.lon, one.lat]);
}

function spot(one) {
  const link = document.createElement("a");
  link.href = one.link;
  link.className = `map-mark ${one.tone}`;
  link.title = `${one.title} ${one.text}`;
  link.setAttribute("aria-label", `${one.title} ${one.text}`);
  link.innerHTML = '<svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true"><path d="M14 3a9 9 0 0 1 9 9c0 5-5 9-9 14-4-5-9-9-9-14a9 9 0 0 1 9-9z"/></svg>';
  return new maplibre.Marker({ element: link, anchor: "bottom" }).setLngLat([one.lon, one.lat]);
}

async function fill(map) {
  const turn = (asked += 1);
  const box = map.getBounds();
  const address = new URL(source.dataset.from, location.href);
  for (const [name, value] of [["west", box.getWest()], ["south", box.getSouth()], ["east", box.getEast()], ["north", box.getNorth()], ["zoom", map.getZoom()]]) {
    address.searchParams.set(name, value);
  }
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok || turn !== asked) return;
  const part = await answer.json();
  for (const one of drawn) one.remove();
  drawn = [...part.circles.map((one) => circle(map, one)), ...part.points.map(spot)];
  for (const one of drawn) one.addTo(map);
  const list = figure.querySelector(".map-list ul");
  list.replaceChildren(...part.points.map((one) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = one.link;
    link.textContent = `${one.title} · ${one.text}`;
    item.append(link);
    return item;
  }));
  figure.dataset.filled = "1";
}

figure?.addEventListener("yiwang:map", (event) => {
  const map = event.detail;
  map.on("moveend", () => fill(map));
  fill(map);
});
