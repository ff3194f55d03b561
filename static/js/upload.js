// Drag and drop, sizes said before anything is sent, and files sent in parts that go on where they
// broke off: after a lost connection by themselves, after a closed window when the same file is
// chosen again within the hour.  Without scripts the form sends them as a whole.

const drop = document.querySelector(".drop");
const input = drop.querySelector("input[type=file]");
const chosen = document.querySelector("#chosen");
const button = document.querySelector("#send");
const form = drop.closest("form");
const bar = document.querySelector("#sending");
const limit = Number(drop.dataset.limit);
const TRIES = 6;

const size = (bytes) => {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.ceil(bytes / 1e3)} kB`;
};
const total = (files) => files.reduce((sum, file) => sum + file.size, 0);

const show = () => {
  const files = [...input.files];
  const bytes = total(files);
  const large = bytes > limit;
  const what = files.length === 1 ? files[0].name : `${files.length} files`;
  chosen.className = large ? "err" : "hint";
  chosen.textContent = !files.length ? ""
    : large ? `The file has ${size(bytes)}; this portal takes up to ${size(limit)}. Upload a sample of its rows.`
    : `${what}, ${size(bytes)}`;
  button.disabled = large;
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

class Said extends Error {}

// An answer as JSON.  What the portal refuses is a sentence; what got lost on its way is tried again.
const ask = async (address, options) => {
  const answer = await fetch(address, {
    credentials: "same-origin",
    ...options,
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, ...options.headers },
  });
  const json = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  if (answer.redirected || (!json && answer.status < 500)) throw new Said("You were signed out; load the page again.");
  if (!json) throw new TypeError(`answer ${answer.status}`);
  return { status: answer.status, ...(await answer.json()) };
};

const wait = (tries) => new Promise((resolve) => { setTimeout(resolve, 500 * 2 ** tries); });
const key = (file) => `upload ${file.name} ${file.size} ${file.lastModified}`;

// How far an earlier try with the same file has come, or a new beginning.
const begun = async (file) => {
  const token = localStorage.getItem(key(file));
  if (token) {
    const known = await ask(form.dataset.part, { method: "GET", headers: { "X-Upload": token } });
    if (known.status === 200) return { token, ...known };
  }
  const body = new URLSearchParams({ name: file.name, size: file.size });
  const fresh = await ask(form.dataset.begin, { method: "POST", body });
  if (fresh.status !== 201) throw new Said(fresh.said);
  localStorage.setItem(key(file), fresh.token);
  return fresh;
};

const sendFile = async (file, tell) => {
  const { token, offset: reached, part } = await begun(file);
  let offset = reached;
  for (let tries = 0; offset < file.size;) {
    tell(offset);
    try {
      const answer = await ask(form.dataset.part, {
        method: "POST",
        headers: { "X-Upload": token, "X-Offset": offset, "Content-Type": "application/octet-stream" },
        body: file.slice(offset, offset + part),
      });
      if (answer.status !== 200 && answer.status !== 409) throw new Said(answer.said);
      offset = answer.offset;
      tries = 0;
    } catch (problem) {
      if (problem instanceof Said || tries >= TRIES) throw problem;
      tell(offset, "the connection broke; going on");
      await wait(tries);
      tries += 1;
    }
  }
  return token;
};

const send = async (files) => {
  const all = total(files);
  const body = new URLSearchParams({ name: form.elements.name.value });
  let before = 0;
  const tell = (sent, words = "") => {
    const share = (before + sent) / all;
    bar.hidden = false;
    bar.querySelector("progress").value = share;
    bar.querySelector("span").textContent = words || `${Math.floor(100 * share)} % sent`;
  };
  for (const file of files) {
    body.append("token", await sendFile(file, tell));
    before += file.size;
  }
  tell(0, "received; being stored");
  const answer = await ask(form.dataset.end, { method: "POST", body });
  for (const file of files) localStorage.removeItem(key(file));
  if (answer.status !== 201) throw new Said(answer.said);
  location.assign(answer.location);
};

form.addEventListener("submit", async (event) => {
  if (!input.files.length) return;
  event.preventDefault();
  try {
    await send([...input.files]);
  } catch (problem) {
    const said = problem instanceof Said;
    bar.hidden = said;
    chosen.className = "err";
    chosen.textContent = said ? problem.message
      : "The connection broke; choose Upload to go on where it stopped.";
    delete form.dataset.sent;
    button.disabled = false;
  }
});
