// Questions that match while somebody types: an accessible combobox over the search form.
// Without it the form searches all the same.

const PAUSE = 150;
const SHORTEST = 2;

function option(suggestion, index, box) {
  const item = document.createElement("div");
  item.id = `${box.id}-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const drawing = document.createElement("span");
  drawing.className = "icon icon-search";
  drawing.setAttribute("aria-hidden", "true");
  const title = document.createElement("span");
  title.textContent = suggestion.title;
  item.append(drawing, title);
  item.dataset.url = suggestion.url;
  return item;
}

function combobox(form) {
  const input = form.querySelector("input[type=search]");
  const box = document.createElement("div");
  let chosen = -1;
  let timer;
  let asked = "";

  box.id = `${input.id}-suggestions`;
  box.className = "suggestions";
  box.hidden = true;
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", input.labels[0].textContent);
  form.append(box);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", box.id);

  function close() {
    box.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show(suggestions) {
    box.replaceChildren(...suggestions.map((each, index) => option(each, index, box)));
    close();
    if (suggestions.length && document.activeElement === input) {
      box.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }
  }

  function choose(step) {
    const all = [...box.children];
    chosen = (chosen + step + all.length + 1) % (all.length + 1);
    if (step < 0 && chosen === all.length) chosen = all.length - 1;
    all.forEach((each, index) => each.setAttribute("aria-selected", String(index === chosen)));
    if (all[chosen]) {
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    } else {
      chosen = -1;
      input.removeAttribute("aria-activedescendant");
    }
  }

  async function ask() {
    const words = input.value.trim();
    asked = words;
    if (words.length < SHORTEST) return show([]);
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(words)}`);
      if (answer.ok && asked === words) show((await answer.json()).suggestions);
    } catch {
      close(); // the form itself still searches
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (box.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(box.children[chosen].dataset.url);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  box.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[role=option]");
    if (!item || event.button !== 0) return;
    event.preventDefault();
    location.assign(item.dataset.url);
  });
}

document.querySelectorAll(".search-box[data-suggest]").forEach(combobox);
