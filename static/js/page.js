// What every page has: copy buttons, menus that close, forms that are sent once.

const said = (button, words) => {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = words;
  setTimeout(() => { button.textContent = before; }, 1600);
};

const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without HTTPS there is no clipboard interface; a selected text area still copies.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    const source = document.querySelector(button.dataset.copy);
    const text = source ? source.value ?? source.textContent : button.dataset.text;
    try {
      await copy(text);
      said(button, "Copied");
    } catch {
      said(button, "Select and copy");
    }
  }
  for (const open of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // After the browser has read the pressed button's value.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button[data-once]")) button.disabled = true;
  });
});

// The work that the page watched is over (portal/news.py).
document.addEventListener("over", () => location.reload(), { once: true });

// Signed out meanwhile: the door as a whole page, not inside a fragment.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!new URL(event.detail.xhr.responseURL).pathname.startsWith("/accounts/login/")) return;
  event.preventDefault();
  location.reload();
});

// A page taken from the browser's memory is a fresh form again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[data-once]")) button.disabled = false;
  }
});
