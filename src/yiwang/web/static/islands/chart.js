// Draws every figure[data-chart] with ECharts; its table stays for readers and for no script.

const style = getComputedStyle(document.documentElement);
const token = (name) => style.getPropertyValue(`--${name}`).trim();
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const dark = document.documentElement.dataset.theme === "dark";
const colors = dark
  ? ["#7cb8f5", "#f3c567", "#6fd3a5", "#ff9d93", "#c3a6f2", "#8fd9e8"]
  : ["#1b5799", "#c77d0a", "#178a60", "#b3271e", "#6b4fa0", "#2a8ea3"];

const rem = parseFloat(style.fontSize);
const onScreen = document.body.classList.contains("screen");

const grouped = (value) => Number(value).toLocaleString("zh-CN");

// A ranking lies on its side: long Chinese names stay readable in a narrow card.
function ranking(data) {
  const longest = Math.max(4, ...data.series.flatMap((one) => one.values.map((value) => grouped(value).length)));
  const text = { color: token("ink-soft"), fontFamily: token("sans"), fontSize: onScreen ? rem * 0.8 : 12 };
  return {
    yAxis: { type: "category", inverse: true, data: data.categories, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...text, color: token("ink"), width: rem * 7, overflow: "truncate", interval: 0 } },
    xAxis: { type: "value", axisLabel: { show: false }, splitLine: { show: false } },
    grid: { left: 0, right: rem * (1 + 0.6 * longest), top: 4, bottom: 4, containLabel: true },
  };
}

function axes(data) {
  const text = { color: token("ink-soft"), fontFamily: token("sans"), fontSize: onScreen ? rem * 0.8 : 12 };
  return {
    xAxis: { type: "category", data: data.categories, axisLine: { lineStyle: { color: token("line-strong") } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true } },
    yAxis: { type: "value", scale: data.kind === "line", name: data.unit, nameTextStyle: { ...text, align: "right" }, axisLabel: text, splitLine: { lineStyle: { color: token("line") } }, minInterval: 0 },
    grid: { left: 8, right: 16, top: data.series.length > 1 || data.unit ? 44 : 20, bottom: 8, containLabel: true },
  };
}

function options(data) {
  const ink = token("ink");
  const shared = {
    color: colors,
    animation: !still,
    aria: { enabled: true, decal: { show: data.series.length > 3 } },
    textStyle: { fontFamily: token("sans"), color: ink },
    tooltip: { trigger: data.kind === "pie" ? "item" : "axis", renderMode: "richText", backgroundColor: token("paper"), borderColor: token("line"), textStyle: { color: ink } },
    legend: data.series.length > 1 && data.kind !== "pie" ? { top: 0, textStyle: { color: ink }, type: "scroll" } : undefined,
  };
  if (data.kind === "pie") {
    const values = data.series[0].values;
    const slices = data.categories.map((name, at) => ({ name, value: values[at] }));
    if (data.links) {
      // names in a legend: a narrow card has no room beside the ring
      const font = { color: ink, fontFamily: token("sans"), fontSize: onScreen ? rem * 0.8 : 12 };
      return {
        ...shared,
        legend: { bottom: 0, type: "scroll", textStyle: font, itemWidth: rem * 0.8, itemHeight: rem * 0.8, pageTextStyle: font },
        series: [{ type: "pie", radius: ["38%", "68%"], center: ["50%", "44%"], cursor: "pointer", itemStyle: { borderColor: token("paper"), borderWidth: 2 }, label: { ...font, position: "outside", formatter: "{d}%" }, labelLine: { length: 6, length2: 6 }, data: slices }],
      };
    }
    return { ...shared, series: [{ type: "pie", radius: ["50%", "78%"], center: ["50%", "50%"], itemStyle: { borderColor: token("paper"), borderWidth: 2 }, label: { color: ink, formatter: "{b} {d}%" }, data: slices }] };
  }
  if (data.links && data.kind === "bar") {
    // no more bars than the height can name
    const most = Math.max(3, Math.floor(data.height / (rem * 1.55)));
    const cut = { ...data, categories: data.categories.slice(0, most) };
    const label = { show: true, position: "right", formatter: (at) => grouped(at.value), color: token("ink"), fontFamily: token("sans"), fontSize: onScreen ? rem * 0.85 : 12, fontWeight: 600 };
    return {
      ...shared,
      ...ranking(cut),
      series: data.series.map((one) => ({ name: one.name, type: "bar", data: one.values.slice(0, most), barMaxWidth: rem * (most > cut.categories.length * 2 ? 1.7 : 0.95), barCategoryGap: "35%", cursor: "pointer", label, itemStyle: { borderRadius: [0, 4, 4, 0] } })),
    };
  }
  return {
    ...shared,
    ...axes(data),
    series: data.series.map((one) => ({
      name: one.name, type: data.kind, data: one.values, barMaxWidth: 36, symbolSize: 7, smooth: false,
      lineStyle: { width: 2.5 }, itemStyle: data.kind === "bar" ? { borderRadius: [4, 4, 0, 0] } : undefined,
    })),
  };
}

function draw(figure) {
  if (figure.classList.contains("drawn")) return;
  let data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  figure.classList.add("drawn");
  const canvas = figure.querySelector(".chart-canvas");
  let chart = null;
  const show = () => {
    if (!chart && !data.categories.length) return; // nothing to draw yet: the words say why
    chart ??= begin();
    chart.setOption(options({ ...data, height: canvas.clientHeight }), true);
  };
  const begin = () => {
    const begun = window.echarts.init(canvas, null, { renderer: "canvas" });
    new ResizeObserver(() => {
      begun.resize();
      if (data.links) show();
    }).observe(canvas);
    // the same rows are reached by keyboard through the table
    begun.on("click", (event) => {
      const link = data.links?.[event.dataIndex];
      if (link) location.assign(link);
    });
    return begun;
  };
  show();
  figure.addEventListener("yiwang:change", (event) => {
    data = event.detail;
    show();
  });
}

const all = () => document.querySelectorAll("figure[data-chart]").forEach(draw);
all();
document.documentElement.addEventListener("yiwang:draw", all);
