// Drag and drop, and the size said before anything is sent.

const drop = document.querySelector(".drop");
const input = drop.querySelector("input[type=file]");
const chosen = document.querySelector("#chosen");
const button = document.querySelector("#send");
const limit = Number(drop.dataset.limit);

const size = (bytes) => {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.ceil(bytes / 1e3)} kB`;
};

const show = () => {
  const file = input.files[0];
  const large = file && file.size > limit;
  chosen.className = large ? "err" : "hint";
  chosen.textContent = !file ? ""
    : large ? `The file has ${size(file.size)}; this portal takes up to ${size(limit)}. Upload a sample of its rows.`
    : `${file.name}, ${size(file.size)}`;
  button.disabled = Boolean(large);
};

input.addEventListener("change", show);
for (const name of ["dragover", "dragenter"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  show();
});

// Progress of the sending itself; without scripts the browser shows its own.
const form = drop.closest("form");
const bar = document.querySelector("#sending");

// The answer is the same page with a sentence on its field.
const refuse = (answer) => {
  const page = new DOMParser().parseFromString(answer, "text/html");
  const said = [...page.querySelectorAll("[data-problem]")].map((problem) => problem.textContent.trim());
  chosen.className = "err";
  chosen.textContent = said.join(" ") || "The portal could not take this file.";
  bar.hidden = true;
  again();
};
const again = () => {
  delete form.dataset.sent;
  button.disabled = false;
};
form.addEventListener("submit", (event) => {
  if (!input.files.length) return;
  event.preventDefault();
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (news) => {
    bar.hidden = false;
    bar.querySelector("progress").value = news.loaded / news.total;
    bar.querySelector("span").textContent = news.loaded < news.total
      ? `${Math.floor(100 * news.loaded / news.total)} % sent`
      : "received; being stored";
  });
  request.addEventListener("load", () => {
    if (request.status === 200 && request.responseURL !== location.href) location.assign(request.responseURL);
    else refuse(request.responseText);
  });
  request.addEventListener("error", () => {
    bar.querySelector("span").textContent = "The connection broke; choose Upload to try again.";
    again();
  });
  request.send(new FormData(form));
});
