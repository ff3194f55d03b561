// Draws figures when they scroll into view, in the colours of the page's theme.

const root = document.querySelector("[data-figures]");
const style = () => getComputedStyle(document.documentElement);
const dark = matchMedia("(prefers-color-scheme: dark)");
const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false };

// plotly carries a style sheet for maps, which the page's policy would refuse with a complaint in
// the console; it is left out where an element of this name exists.
const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

let figures;
const load = () => {
  figures ??= Promise.all([
    fetch(root.dataset.figures, { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error(`figures: ${answer.status}`);
      return answer.json();
    }),
    new Promise((resolve, reject) => {
      document.head.append(Object.assign(document.createElement("meta"), { id: MAPS }));
      const script = document.createElement("script");
      script.src = root.dataset.plotly;
      script.onload = resolve;
      script.onerror = () => reject(new Error("plotly"));
      document.head.append(script);
    }),
  ]).then(([found]) => found);
  return figures;
};

// "var(--syn)" anywhere in a figure becomes the theme's colour.
const painted = (value, look) => {
  if (typeof value === "string") {
    const name = /^var\((--[\w-]+)\)$/.exec(value);
    return name ? look.getPropertyValue(name[1]).trim() : value;
  }
  if (Array.isArray(value)) return value.map((part) => painted(part, look));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, painted(part, look)]));
  }
  return value;
};

const draw = async (plot) => {
  try {
    const figure = (await load())[plot.id];
    if (!figure) return;
    const { data, layout } = painted(figure, style());
    await Plotly.react(plot, data, { ...layout, autosize: true }, CONFIG);
    plot.classList.add("drawn");
  } catch {
    plot.classList.add("drawn");
    plot.textContent = "The chart could not be drawn; its numbers are below.";
  }
};

if (root) {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "240px" });
  for (const plot of document.querySelectorAll(".plot[id]")) seen.observe(plot);
  dark.addEventListener("change", () => document.querySelectorAll(".plot.drawn").forEach(draw));
}

// Search, table and number of charts shown
for (const box of document.querySelectorAll("[data-gallery]")) {
  const search = box.querySelector("input[type=search]");
  const table = box.querySelector("select");
  const more = box.querySelector("[data-more]");
  const none = box.querySelector("[data-none]");
  const all = [...box.querySelectorAll("figure")];
  let shown = Number(box.dataset.gallery);
  const first = shown;
  const sift = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = all.filter((figure) =>
      figure.dataset.name.includes(wanted) && (!table?.value || figure.dataset.table === table.value));
    for (const figure of all) figure.hidden = true;
    for (const figure of found.slice(0, shown)) figure.hidden = false;
    more.hidden = found.length <= shown;
    more.textContent = `Show ${Math.min(24, found.length - shown)} more of ${found.length}`;
    none.hidden = found.length > 0;
  };
  const again = () => { shown = first; sift(); };
  search.addEventListener("input", again);
  table?.addEventListener("change", again);
  more.addEventListener("click", () => { shown += 24; sift(); });
  sift();
}
