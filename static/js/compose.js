// The compose form: what follows from what is typed, without a page load.
// Everything here also works without scripts, through the form's own buttons.

const form = document.querySelector("#compose");
const days = ["from", "to", "as_of"].map((name) => form.elements[name]).filter(Boolean);

const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));

// Each table's told-line comes with the plan and says what its field should show.
const show = () => {
  // Counts can be known while a seed or a name is wrong.
  const planned = [...form.querySelectorAll(".told")].some((told) => told.dataset.follows);
  for (const told of form.querySelectorAll(".told")) {
    const input = document.getElementById(told.dataset.of);
    if (!input) continue;
    // While something is wrong the last numbers stay; blank fields would say less.
    if (planned) input.placeholder = told.dataset.follows || "–";
    if (told.dataset.wrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  for (const says of form.querySelectorAll("[id$=-says]")) {
    const input = document.getElementById(says.id.slice(0, -5));
    if (!input) continue;
    if (says.querySelector(".err")) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  if (!planned) return;
  for (const card of form.querySelectorAll(".domain")) {
    const tick = card.querySelector("input[type=checkbox]");
    const inside = [...card.querySelectorAll(".told")].some((told) => told.dataset.follows);
    card.classList.toggle("on", tick.checked);
    card.classList.toggle("some", !tick.checked && inside);
    tick.indeterminate = !tick.checked && inside;
  }
};

// A domain that is left out takes its typed numbers with it.
form.addEventListener("change", (event) => {
  if (event.target.name === "profile") {
    form.querySelector("[value=profile]").click();
    return;
  }
  if (event.target.name !== "domain" || event.target.checked) return;
  for (const input of event.target.closest(".domain").querySelectorAll("input.num")) input.value = "";
  changed();
});

// 1000000 reads as 1,000,000 once the field is left.
form.addEventListener("focusout", (event) => {
  const input = event.target;
  if (!input.matches?.("input.num")) return;
  const digits = input.value.replaceAll(/[,_\s]/g, "");
  if (/^\d{4,}$/.test(digits)) input.value = BigInt(digits).toLocaleString("en-US");
});

// Spans
const press = () => {
  for (const button of form.querySelectorAll("[data-from]")) {
    const on = days[0].value === button.dataset.from && days[1].value === button.dataset.to;
    button.setAttribute("aria-pressed", String(on));
  }
};
for (const button of form.querySelectorAll("[data-from]")) {
  button.addEventListener("click", () => {
    days[0].value = button.dataset.from;
    days[1].value = days[2].value = button.dataset.to;
    press();
    changed();
  });
}
let last = days.length ? days[1].value : "";
for (const day of days) {
  day.addEventListener("change", () => {
    // The as-of date follows the end of the span until it is set by itself.
    if (day === days[1] && days[2]?.value === last) days[2].value = day.value;
    last = days[1].value;
    press();
  });
}
if (days.length) press();

// Seed
form.querySelector("[value=reshuffle]").addEventListener("click", (event) => {
  event.preventDefault();
  form.elements.seed.value = crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
  changed();
});

for (const button of form.querySelectorAll("[data-needs-script]")) button.hidden = false;
for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;

document.addEventListener("htmx:afterSettle", show);
const admit = (words) => { document.querySelector("#plan-state").textContent = words; };
document.addEventListener("htmx:sendError", () => {
  admit("The portal does not answer; it is asked again when you type.");
});
document.addEventListener("htmx:responseError", () => {
  admit("The portal could not work this out; nothing you typed is lost.");
});
show();

// Tabs of the preview and of the charts are the same: a list of buttons, one panel each.
document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab][aria-controls]");
  if (!tab) return;
  for (const other of tab.parentElement.querySelectorAll("[role=tab]")) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
  }
});
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const tabs = [...tab.parentElement.querySelectorAll("[role=tab]")];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
});
