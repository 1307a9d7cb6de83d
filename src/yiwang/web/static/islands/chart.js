// Draws every figure[data-chart] with ECharts; its table stays for readers and for no script.

const style = getComputedStyle(document.documentElement);
const token = (name) => style.getPropertyValue(`--${name}`).trim();
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const dark = document.documentElement.dataset.theme === "dark";
const colors = dark
  ? ["#7cb8f5", "#f3c567", "#6fd3a5", "#ff9d93", "#c3a6f2", "#8fd9e8"]
  : ["#1b5799", "#c77d0a", "#178a60", "#b3271e", "#6b4fa0", "#2a8ea3"];

function axes(data) {
  const text = { color: token("ink-soft"), fontFamily: token("sans") };
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
    return { ...shared, series: [{ type: "pie", radius: ["50%", "78%"], center: ["50%", "50%"], itemStyle: { borderColor: token("paper"), borderWidth: 2 }, label: { color: ink, formatter: "{b} {d}%" }, data: data.categories.map((name, at) => ({ name, value: values[at] })) }] };
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
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  figure.classList.add("drawn");
  const canvas = figure.querySelector(".chart-canvas");
  const chart = window.echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(options(data));
  new ResizeObserver(() => chart.resize()).observe(canvas);
}

const all = () => document.querySelectorAll("figure[data-chart]").forEach(draw);
all();
document.documentElement.addEventListener("yiwang:draw", all);
