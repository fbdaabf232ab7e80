// The desk of one ticket: keeps what is typed, puts words in, listens for angry words,
// and notices when a colleague or a long night has changed the ticket meanwhile.
// Everything here is comfort: each press also works as a plain form.

const form = document.getElementById("compose");
const body = document.getElementById("id_body");
const desk = document.getElementById("desk");
const wait = (milliseconds, call) => {
  let timer = 0;
  const later = () => { clearTimeout(timer); timer = setTimeout(call, milliseconds); };
  later.cancel = () => clearTimeout(timer);
  return later;
};
const token = () => form.elements.csrfmiddlewaretoken.value;
const post = (url, data, more = {}) =>
  fetch(url, { method: "POST", body: data, headers: { "X-CSRFToken": token() }, ...more });

// --- Drafts ------------------------------------------------------------------

const draftState = document.getElementById("draft-state");
let isSending = false;
let unsaved = false;

async function keepDraft(more = {}) {
  if (isSending || !unsaved) return;
  unsaved = false;
  try {
    const answer = await post(form.dataset.draft, new FormData(form), more);
    if (!answer.ok || answer.redirected) throw new Error();
    const { saved_at } = await answer.json();
    draftState.textContent = saved_at ? draftState.dataset.saved : "";
  } catch {
    unsaved = true;
    draftState.textContent = draftState.dataset.lost;
  }
}

const keepSoon = wait(1200, keepDraft);
form.addEventListener("input", () => { unsaved = true; keepSoon(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) keepDraft({ keepalive: true }); });
document.addEventListener("submit", (event) => {
  keepSoon.cancel();
  if (event.target !== form) keepDraft({ keepalive: true });
});

// --- Sending -------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  if (isSending) event.preventDefault(); // the second half of a double click
  isSending = true;
  setTimeout(() => { isSending = false; }, 4000);
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector(".button.send"));
  }
});

// --- Words put in ----------------------------------------------------------------

// Where the caret stands, or at the end of what nobody has touched yet; a line apart from its neighbours.
let touched = false;
body.addEventListener("focus", () => { touched = true; });

function putIn(text) {
  const at = touched ? body.selectionStart : body.value.length;
  const [before, after] = [body.value.slice(0, at), body.value.slice(touched ? body.selectionEnd : at)];
  const apart = (words, edge) => (words.trim() && !edge.test(words) ? "\n\n" : "");
  write(apart(before, /\n$/) + text + apart(after, /^\n/), at, body.value.length - after.length);
}

// As if typed: insertText keeps the browser's own undo, setRangeText is the way without it.
function write(text, start, end) {
  body.focus();
  body.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) body.setRangeText(text, start, end, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

function chip(found) {
  const chips = document.getElementById("chips");
  if (chips.querySelector(`[value="${found.article}"]`)) return;
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "articles", value: found.article, checked: true });
  label.className = "chip";
  label.append(box, ` ${found.number} ${found.title}`);
  chips.append(label);
  chips.hidden = false;
  const linked = form.querySelector('[name="knowledge"][value="linked"]');
  if (linked && !form.querySelector('[name="knowledge"]:checked')) linked.checked = true;
}

async function insert(query) {
  const answer = await fetch(`${form.dataset.insert}?${new URLSearchParams(query)}`);
  if (!answer.ok || answer.redirected) throw new Error();
  const found = await answer.json();
  putIn(found.text);
  if (found.article) chip(found);
  say(found.notices);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest('[name="act"][value^="insert-"]');
  if (!button) return;
  event.preventDefault();
  const [, kind, key] = button.value.split("-");
  const query = { [kind]: key || document.getElementById("id_canned_reply").value };
  if (!Object.values(query)[0]) return;
  insert(query).catch(() => pulse());
});

function say(notices) {
  document.querySelector(".insert-notices")?.remove();
  if (!notices.length) return;
  const list = document.createElement("div");
  list.className = "insert-notices";
  list.setAttribute("role", "status");
  for (const notice of notices) list.append(Object.assign(document.createElement("p"), { className: "notice is-due", textContent: notice }));
  form.querySelector(".insert-row").after(list);
}

// --- Gaps and tone, marked behind the text ---------------------------------------------

const marks = form.querySelector(".marks");
const toneList = document.getElementById("tone");
const gapLine = document.getElementById("gaps");
const left = new Set(); // advice the writer has waved away
let hits = [];
let heard = null;

const GAP = /\{(?!due\})[a-z][a-z_]{0,40}\}/g;
const isNote = () => form.elements.mode.value === "note";

// The marks lie in a copy of the text behind the field; without marks there is no copy.
function paint() {
  const text = body.value;
  const gaps = isNote() ? [] : [...text.matchAll(GAP)].map((gap) => ({ start: gap.index, end: gap.index + gap[0].length, level: "gap", words: gap[0] }));
  const found = isNote() ? [] : [...hits, ...gaps].sort((a, b) => a.start - b.start);
  const nodes = [];
  let at = 0;
  for (const hit of found) {
    if (hit.start < at || left.has(hit.words.toLowerCase())) continue;
    nodes.push(text.slice(at, hit.start));
    nodes.push(Object.assign(document.createElement("mark"), { className: `level-${hit.level}`, textContent: text.slice(hit.start, hit.end) }));
    at = hit.end;
  }
  if (nodes.length) nodes.push(text.slice(at) + "\n"); // as tall as the field, to scroll along
  if (nodes.length || marks.firstChild) marks.replaceChildren(...nodes);
  if (nodes.length) marks.scrollTop = body.scrollTop;
  gapLine.hidden = !gaps.length;
  if (gaps.length) gapLine.textContent = `${gapLine.dataset.words} ${[...new Set(gaps.map((gap) => gap.words))].join(", ")}`;
}

let isPainting = false;
function paintSoon() {
  if (isPainting) return;
  isPainting = true;
  requestAnimationFrame(() => { isPainting = false; paint(); });
}

function advise() {
  // Words said twice are advised on once.
  const distinct = new Map();
  for (const hit of isNote() ? [] : hits) {
    const words = hit.words.toLowerCase();
    if (!left.has(words) && !distinct.has(words)) distinct.set(words, hit);
  }
  toneList.replaceChildren(...[...distinct.values()].map((hit) => {
    const item = document.createElement("li");
    item.className = `level-${hit.level}`;
    const strong = Object.assign(document.createElement("strong"), { textContent: hit.words });
    const why = Object.assign(document.createElement("span"), { textContent: hit.why });
    const calm = document.createElement("span");
    calm.append(toneList.dataset.try + " ", Object.assign(document.createElement("em"), { textContent: hit.calm }));
    item.append(strong, " ", why, " ", calm, " ");
    item.append(pressable(toneList.dataset.use, "button quiet small", () => replace(hit)));
    if (hit.level === "advise") item.append(pressable(toneList.dataset.dismiss, "button plain small", () => { left.add(hit.words.toLowerCase()); advise(); paint(); body.focus(); }));
    return item;
  }));
}

function pressable(words, className, press) {
  const button = Object.assign(document.createElement("button"), { type: "button", className, textContent: words });
  button.addEventListener("click", press);
  return button;
}

function replace(hit) {
  const calm = /^\p{Lu}/u.test(hit.words) ? hit.calm.charAt(0).toUpperCase() + hit.calm.slice(1) : hit.calm;
  write(calm, hit.start, hit.end);
}

// What was shown while writing goes along, so that the team sees what it edits away.
function remember(shown) {
  const raised = form.elements.raised;
  const known = new Set(raised.value.split("\n").filter(Boolean));
  for (const hit of shown) known.add(hit.words.replace(/\s+/g, " "));
  raised.value = [...known].join("\n");
}

async function listen() {
  heard?.abort();
  heard = new AbortController();
  const text = body.value;
  if (!text.trim() || isNote()) { hits = []; advise(); paint(); return; }
  try {
    const answer = await post(form.dataset.tone, new URLSearchParams({ text }), { signal: heard.signal });
    const found = (await answer.json()).hits;
    if (body.value === text) { hits = found; remember(hits); advise(); paint(); }
  } catch { /* a newer listening took over, or there is no connection; Send checks again */ }
}
const listenSoon = wait(350, listen);

// While the answer is on its way, marks move along with their words.
let former = body.value;
body.addEventListener("input", () => {
  const text = body.value;
  const shift = text.length - former.length;
  let same = 0;
  while (same < former.length && former[same] === text[same]) same += 1;
  hits = hits
    .map((hit) => (hit.end <= same ? hit : { ...hit, start: hit.start + shift, end: hit.end + shift }))
    .filter((hit) => text.slice(hit.start, hit.end) === hit.words);
  former = text;
  paintSoon();
  listenSoon();
});
body.addEventListener("scroll", () => { marks.scrollTop = body.scrollTop; });
for (const mode of form.querySelectorAll('[name="mode"]')) mode.addEventListener("change", () => { paint(); listenSoon(); });

// --- Dates in one press -------------------------------------------------------------------

function offerDates(dates) {
  for (const place of form.querySelectorAll(".quick")) {
    if (place.childElementCount) continue;
    for (const { label, value } of dates) {
      place.append(pressable(label, "button quiet small", () => {
        const field = document.getElementById(place.dataset.for);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }));
    }
  }
}

// A spare row appears when the one before it has been begun.
form.addEventListener("input", (event) => {
  const row = event.target.closest(".row");
  if (row && event.target.value) row.nextElementSibling?.classList.remove("is-spare");
});

// --- The menu of rarer acts --------------------------------------------------------------------

for (const menu of document.querySelectorAll("details[data-fill]")) {
  menu.addEventListener("toggle", async () => {
    const place = menu.querySelector(".menu-body");
    if (!menu.open || place.querySelector("form")) return;
    const answer = await fetch(menu.dataset.fill).catch(() => null);
    if (!answer?.ok || answer.redirected) return; // the link inside still leads there
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.getElementById("acts").childNodes);
    place.querySelector("summary")?.focus();
  });
}

// --- Is the page still true? ------------------------------------------------------------------

const changed = document.getElementById("changed");

async function pulse() {
  if (document.hidden) return;
  try {
    const answer = await fetch(desk.dataset.pulse, { headers: { "X-Refresh": "pulse" } });
    const words = changed.querySelector("span");
    if (answer.redirected) {
      words.textContent = words.dataset.signedOut;
      changed.hidden = false;
      return;
    }
    const now = await answer.json();
    // Somebody who signed in again in another tab can go on from here.
    for (const field of document.querySelectorAll('[name="csrfmiddlewaretoken"]')) field.value = now.csrf;
    offerDates(now.dates);
    const isNew = String(now.version) !== desk.dataset.version;
    if (isNew) words.textContent = words.dataset.words + (now.owner ? ` (${now.owner})` : "");
    changed.hidden = !isNew;
  } catch { /* no connection for the moment */ }
}

// The newest words are what one answers; where the story has a scroll of its own, it starts there.
const story = document.getElementById("story");
story.scrollTop = story.scrollHeight;

setInterval(pulse, 20000);
document.addEventListener("visibilitychange", pulse);
pulse();
paint();
if (body.value) listen();
