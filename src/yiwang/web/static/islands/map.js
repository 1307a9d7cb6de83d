// Draws every figure[data-map] with MapLibre from local GeoJSON only: no tiles, glyphs or sprites are fetched.
// Area names and points are HTML markers, so Chinese comes from the reader's own fonts.

import * as maplibre from "../vendor/maplibre/maplibre-gl.mjs";

const style = getComputedStyle(document.documentElement);
const token = (name) => style.getPropertyValue(`--${name}`).trim();
const dark = document.documentElement.dataset.theme === "dark";
const rem = parseFloat(style.fontSize);
const marks = { red: "!", yellow: "~", green: "✓", blue: "", grey: "" };

const DOT_PAINT = {
  "circle-radius": Math.max(3.5, rem * 0.22),
  "circle-color": ["match", ["get", "tone"], "green", token("green"), "yellow", token("yellow-line"), "grey", token("grey"), "red", token("red"), token("blue")],
  "circle-opacity": 0.9,
  "circle-stroke-width": 1,
  "circle-stroke-color": dark ? "#0c1929" : "#ffffff",
};

function look(areas, quiet) {
  const values = areas.features.map((one) => one.properties.value).filter((value) => value != null);
  const most = Math.max(...values, 1);
  const plain = dark ? "#183657" : "#d6e4f3";
  const fill = values.length
    ? ["interpolate", ["linear"], ["coalesce", ["get", "value"], 0], 0, plain, most, dark ? "#3f86cc" : "#5b93cc"]
    : plain;
  return {
    version: 8,
    sources: { areas: { type: "geojson", data: areas }, dots: { type: "geojson", data: dots(quiet) } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": dark ? "#0c1929" : "#f1f4f8" } },
      { id: "areas", type: "fill", source: "areas", paint: { "fill-color": fill, "fill-opacity": ["case", ["boolean", ["get", "quiet"], false], 0.35, 1] } },
      { id: "borders", type: "line", source: "areas", paint: { "line-color": dark ? "#5a86b5" : "#7f9dbd", "line-width": ["case", ["boolean", ["get", "quiet"], false], rem / 21, rem / 9] } },
      { id: "dots", type: "circle", source: "dots", paint: DOT_PAINT },
    ],
  };
}

function ringArea(ring) {
  let sum = 0;
  for (let at = 0; at < ring.length - 1; at += 1) sum += ring[at][0] * ring[at + 1][1] - ring[at + 1][0] * ring[at][1];
  return sum / 2;
}

// The centroid of the largest ring: where an area's name stands.
function middle(geometry) {
  const rings = (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).map((polygon) => polygon[0]);
  const ring = rings.reduce((a, b) => (Math.abs(ringArea(a)) > Math.abs(ringArea(b)) ? a : b));
  const area = ringArea(ring);
  let x = 0;
  let y = 0;
  for (let at = 0; at < ring.length - 1; at += 1) {
    const cross = ring[at][0] * ring[at + 1][1] - ring[at + 1][0] * ring[at][1];
    x += (ring[at][0] + ring[at + 1][0]) * cross;
    y += (ring[at][1] + ring[at + 1][1]) * cross;
  }
  return [x / (6 * area), y / (6 * area)];
}

function frame(areas) {
  const box = new maplibre.LngLatBounds();
  const chosen = areas.features.filter((one) => !one.properties.quiet);
  for (const one of chosen.length ? chosen : areas.features) {
    const walk = (part) => (typeof part[0] === "number" ? box.extend(part) : part.forEach(walk));
    walk(one.geometry.coordinates);
  }
  return box.isEmpty() ? undefined : box;
}

function popup(point) {
  const box = document.createElement("div");
  const title = document.createElement("strong");
  title.textContent = point.title;
  box.append(title);
  if (point.text) {
    const text = document.createElement("p");
    text.textContent = point.text;
    box.append(text);
  }
  if (point.link) {
    const link = document.createElement("a");
    link.href = point.link;
    link.textContent = document.documentElement.lang.startsWith("en") ? "Open" : "查看详情";
    box.append(link);
  }
  return new maplibre.Popup({ offset: 16, maxWidth: "18rem" }).setDOMContent(box);
}

function mark(point) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `map-mark ${point.tone || "blue"}`;
  button.setAttribute("aria-label", `${point.title} ${point.text || ""}`.trim());
  button.innerHTML = `<svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true"><path d="M14 3a9 9 0 0 1 9 9c0 5-5 9-9 14-4-5-9-9-9-14a9 9 0 0 1 9-9z"/><text x="14" y="16">${marks[point.tone] ?? ""}</text></svg>`;
  return button;
}

async function areasOf(data) {
  if (typeof data.areas === "string") return (await fetch(data.areas)).json();
  return data.areas ?? { type: "FeatureCollection", features: [] };
}

// The shapes with the values that came beside them.
function valued(areas, values) {
  if (!values || !Object.keys(values).length) return areas;
  return { ...areas, features: areas.features.map((one) => ({ ...one, properties: { ...one.properties, value: values[one.properties.code] } })) };
}

const CROWD = 60;

// Many quiet points are drawn as dots in one layer; what calls for attention keeps its mark.
function dots(points) {
  return { type: "FeatureCollection", features: points.map((point) => ({ type: "Feature", geometry: { type: "Point", coordinates: [point.lon, point.lat] }, properties: point })) };
}

function crowd(points) {
  const alarms = points.filter((one) => one.tone === "red").length;
  const quiet = points.length > CROWD ? points.filter((one) => alarms > 2 * CROWD || one.tone !== "red") : [];
  return [quiet, points.filter((one) => !quiet.includes(one))];
}

function open(map) {
  map.on("click", "dots", (event) => popup(event.features[0].properties).setLngLat(event.lngLat).addTo(map));
  map.on("mouseenter", "dots", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "dots", () => { map.getCanvas().style.cursor = ""; });
}

async function draw(figure) {
  if (figure.dataset.begun) return;
  figure.dataset.begun = "1";
  const data = JSON.parse(document.getElementById(figure.dataset.map).textContent);
  const areas = await areasOf(data);
  figure.classList.add("drawn");
  const box = frame(areas);
  const map = new maplibre.Map({
    container: figure.querySelector(".map-canvas"),
    style: look(valued(areas, data.values), crowd(data.points)[0]),
    ...(box ? { bounds: box, fitBoundsOptions: { padding: 28 } } : { center: data.center, zoom: data.zoom }),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    cooperativeGestures: !document.body.classList.contains("screen"),
    fadeDuration: 0,
    locale: document.documentElement.lang.startsWith("en") ? {} : {
      "NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小", "Popup.Close": "关闭", "Map.Title": "地图", "Marker.Title": "标记",
      "CooperativeGesturesHandler.WindowsHelpText": "按住 Ctrl 滚动以缩放地图", "CooperativeGesturesHandler.MacHelpText": "按住 ⌘ 滚动以缩放地图", "CooperativeGesturesHandler.MobileHelpText": "用两指移动地图",
    },
  });
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  for (const one of areas.features) {
    const label = document.createElement("span");
    label.className = "map-label";
    label.textContent = one.properties.name ?? "";
    label.setAttribute("aria-hidden", "true");
    new maplibre.Marker({ element: label }).setLngLat(middle(one.geometry)).addTo(map);
  }
  let marked = [];
  const show = ({ points, values }) => {
    const [quiet, loud] = crowd(points);
    for (const one of marked) one.remove();
    marked = loud.map((point) => new maplibre.Marker({ element: mark(point), anchor: "bottom" }).setLngLat([point.lon, point.lat]).setPopup(popup(point)).addTo(map));
    map.getSource("dots")?.setData(dots(quiet));
    if (values) map.getSource("areas")?.setData(valued(areas, values));
  };
  let newest = data;
  show(newest);
  open(map);
  map.on("load", () => {
    if (newest !== data) show(newest);
    figure.dataset.loaded = "1";
  });
  figure.addEventListener("yiwang:change", (event) => {
    newest = event.detail;
    show(newest);
  });
  figure.dispatchEvent(new CustomEvent("yiwang:map", { detail: map }));
}

const all = () => document.querySelectorAll("figure[data-map]").forEach(draw);
all();
document.documentElement.addEventListener("yiwang:draw", all);
