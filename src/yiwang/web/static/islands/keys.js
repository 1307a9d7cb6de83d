// Keys of a desk: data-key="F8" on a field focuses it, on a button or link presses it.
// The page lists them; without scripts Tab and Enter reach everything.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !/^F\d+$/.test(event.key)) return;
  const wanted = document.querySelector(`[data-key="${event.key}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  if (wanted.matches("button, a")) wanted.click();
  else if (wanted.matches("input")) wanted.select();
});
document.querySelector("[data-first]")?.focus();
