// The ask form, helped along: answers that may be the one, one press that counts once,
// and known issues of the chosen topic. Without it the form does all it must.

const PAUSE = 400;
const ENOUGH = 15;
const SHOWN = 3;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function answersNow(form) {
  const words = form.elements.body;
  const box = form.querySelector("[data-answers]");
  const texts = form.dataset;
  let timer;
  let asked = words.value.trim().slice(0, 200); // words that came with the page were searched for

  box.setAttribute("aria-live", "polite");

  function row(suggestion) {
    const item = element("li");
    const slug = decodeURIComponent(
      new URL(suggestion.url, location).pathname.split("/").filter(Boolean).pop(),
    );
    // A form of its own is not possible inside a form, so the press names where it goes.
    const press = element("button", texts.thatAnswered, {
      class: "btn",
      type: "submit",
      formaction: texts.answered,
      formenctype: "application/x-www-form-urlencoded",
      name: "answered_by",
      value: slug,
    });
    const link = element("a", suggestion.title, { href: suggestion.url, target: "_blank" });
    item.append(link, press);
    return item;
  }

  function show(suggestions) {
    box.replaceChildren();
    box.hidden = suggestions.length === 0;
    if (box.hidden) return;
    const list = element("ul", "", { class: "plain" });
    list.append(...suggestions.slice(0, SHOWN).map(row));
    box.append(element("h2", texts.mayAnswer), list);
  }

  async function ask() {
    const question = words.value.trim().slice(0, 200);
    if (question.length < ENOUGH || question === asked) return;
    asked = question;
    try {
      const answer = await fetch(`${texts.suggest}?for=ask&q=${encodeURIComponent(question)}`);
      if (answer.ok && asked === question) show((await answer.json()).suggestions);
    } catch {
      show([]); // the form goes on being a form
    }
  }

  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
}

function oncePressed(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
  });
  // Back from the next page: the form may be sent again.
  addEventListener("pageshow", () => delete form.dataset.sent);
}

function issuesOfTopic(form) {
  const issues = document.querySelectorAll("[data-topics]");
  function follow() {
    for (const issue of issues) {
      const topics = issue.dataset.topics.trim().split(/\s+/).filter(Boolean);
      const chosen = form.elements.category.value;
      issue.hidden = Boolean(topics.length && chosen && !topics.includes(chosen));
    }
  }
  if (issues.length) form.elements.category.addEventListener("change", follow);
}

for (const form of document.querySelectorAll(".ask-form")) {
  answersNow(form);
  oncePressed(form);
  issuesOfTopic(form);
}
