// Keeps a staff page fresh while somebody looks at it: regions with data-refresh
// are fetched again from the page's own address, times with data-countdown tick.

const SECONDS = 1000;

function countdown() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const minutes = Math.round((new Date(element.dataset.countdown) - Date.now()) / (60 * SECONDS));
    if (minutes < 0 || minutes > 300) continue;
    const relative = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "always" });
    element.textContent = ", " + (minutes < 90 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour"));
  }
}

async function refresh(region) {
  const isBusy = region.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  if (document.hidden || isBusy) return;
  let fresh = null;
  try {
    const answer = await fetch(location.href, { headers: { "X-Refresh": region.id } });
    if (!answer.ok || answer.redirected) return;
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
  } catch {
    return; // the next round tries again
  }
  if (!fresh || fresh.innerHTML === region.dataset.seen) return;
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  const opened = [...region.querySelectorAll("details[open]")].map((each) => each.className);
  region.dataset.seen = fresh.innerHTML;
  region.replaceChildren(...fresh.childNodes);
  for (const name of opened) region.getElementsByClassName(name)[0]?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
  countdown();
}

for (const region of document.querySelectorAll("[data-refresh]")) {
  const again = () => refresh(region);
  setInterval(again, region.dataset.refresh * SECONDS);
  document.addEventListener("visibilitychange", again);
}

// An opened menu closes when one looks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// What the stock forms leave without a name for those who listen.
function nameStockParts() {
  for (const head of document.querySelectorAll("thead th:empty")) {
    const cell = document.createElement("td");
    cell.className = head.className;
    head.replaceWith(cell);
  }
  for (const mark of document.querySelectorAll(".selector .help-tooltip")) mark.setAttribute("role", "img");
  for (const chooser of document.querySelectorAll("select.admin-autocomplete + .select2")) {
    const label = chooser.previousElementSibling.labels[0];
    if (!label) continue;
    for (const part of chooser.querySelectorAll("[role=combobox], [role=textbox]")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", `${label.textContent.trim()} ${chooser.textContent.trim()}`);
    }
  }
}
addEventListener("load", () => setTimeout(nameStockParts)); // after jQuery's own beginnings

setInterval(countdown, 15 * SECONDS);
countdown();
