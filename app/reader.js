// Whole reports and the list of reports, beside the conversation; the search inside them; and
// what the questions are limited to. The HTML comes from our own server, which made it inert.
(app) => {
  const find = (selector) => document.querySelector(selector);
  const reader = find("#reader .reader");
  const page = reader.querySelector(".page");
  const back = reader.querySelector(".back");
  const steps = reader.querySelector(".steps");
  const box = reader.querySelector("input");
  const count = reader.querySelector("output");
  let shown = ""; // The address of what is on the page.
  let asked = 0; // Only the last of several quick requests may show its answer.
  let fromList = false;

  const load = async (href) => {
    const answer = await fetch(href);
    const text = await answer.text();
    if (!answer.ok) throw new Error(text, { cause: answer.status < 500 && "server" });
    return text;
  };

  const put = async (href, link) => {
    const mine = ++asked;
    try {
      if (href !== shown) {
        const html = await load(href);
        if (mine !== asked) return false;
        page.innerHTML = html;
        shown = href;
        clear();
        find("#sources").scrollTop = 0;
      }
    } catch (error) {
      app.say(error.cause === "server" ? error.message : "打不开这份报告，请稍后再试。");
      return false;
    }
    app.open("page", link);
    return true;
  };

  // A report, at the mark with this number, else at the passage meant, else at its beginning.
  app.read = async (href, number, link) => {
    fromList = Boolean(link?.closest(".library")) || (fromList && !number && !link);
    if (!(await put(href, link))) return;
    back.textContent = fromList ? "返回报告" : "返回";
    steps.hidden = !number;
    box.parentElement.hidden = false;
    const marks = page.querySelectorAll(number ? `mark.n${number}` : "mark");
    const heading = page.querySelector("h2");
    if (!marks.length) {
      heading?.focus();
      return;
    }
    heading.focus({ preventScroll: true });
    app.flash(marks);
    app.reveal(marks[0], "center");
  };

  app.list = async (link) => {
    fromList = false;
    shown = ""; // Reports may have come since.
    if (!(await put("reports", link))) return;
    plain();
    page.querySelector("h2").focus();
  };

  // Something made by another script (the history).
  app.show = (element, link) => {
    asked += 1;
    shown = "";
    fromList = false;
    page.replaceChildren(element);
    clear();
    app.open("page", link);
    plain();
  };

  const plain = () => {
    back.textContent = "返回";
    steps.hidden = true;
    box.parentElement.hidden = true;
  };

  back.addEventListener("click", () => (fromList ? app.list() : app.close()));
  steps.children[0].addEventListener("click", () => app.step(-1));
  steps.children[1].addEventListener("click", () => app.step(1));
  find("#show-reports").addEventListener("click", (event) => app.list(event.currentTarget));

  // ---- search inside a report: marked without touching the text ----

  let places = [];
  let at = -1;
  const paint = (name, ranges) => {
    if (globalThis.CSS?.highlights) CSS.highlights.set(name, new Highlight(...ranges));
  };
  const clear = () => {
    box.value = count.textContent = "";
    places = [];
    paint("found", []);
    paint("found-here", []);
  };
  const search = () => {
    const wanted = box.value.trim().toLowerCase();
    places = [];
    at = -1;
    for (const line of wanted ? page.querySelectorAll(".body > *") : []) {
      const nodes = [];
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      let text = "";
      while (walker.nextNode()) {
        nodes.push([text.length, walker.currentNode]);
        text += walker.currentNode.data;
      }
      const locate = (offset) => {
        const [start, node] = nodes.findLast(([begin]) => begin <= offset);
        return [node, offset - start];
      };
      const low = text.toLowerCase();
      for (let i = low.indexOf(wanted); i >= 0; i = low.indexOf(wanted, i + wanted.length)) {
        const range = new Range();
        range.setStart(...locate(i));
        const [last, end] = locate(i + wanted.length - 1);
        range.setEnd(last, end + 1);
        places.push(range);
      }
    }
    paint("found", places);
    paint("found-here", []);
    count.textContent = wanted && !places.length ? "没有" : "";
    if (places.length) next(1);
  };
  const next = (by) => {
    if (!places.length) return;
    at = (at + by + places.length) % places.length;
    paint("found-here", [places[at]]);
    count.textContent = `${at + 1}/${places.length}`;
    app.reveal(places[at].startContainer.parentElement, "center");
  };
  box.addEventListener("input", search);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") next(event.shiftKey ? -1 : 1);
    if (event.key === "Escape" && box.value) {
      event.stopPropagation();
      clear();
    }
  });

  // ---- what the questions are limited to ----

  const scope = find("#scope .scope");
  const chips = scope.querySelector(".chips");
  const selects = [...scope.querySelectorAll("select")];
  // The reports may have changed since the page was made: the choices are those of now.
  app.renew = async () => {
    try {
      const fresh = document.createElement("template");
      fresh.innerHTML = await load("scope");
      for (const select of selects) {
        const { value } = select;
        select.replaceChildren(...fresh.content.querySelectorAll(`[name=${select.name}] option`));
        select.value = value;
        if (select.selectedIndex < 0) select.value = "";
      }
      refresh();
    } catch {
      // What can be chosen stays as it was; a choice that has gone is refused with its reason.
    }
  };
  scope.firstElementChild.addEventListener("toggle", (event) => event.target.open && app.renew());
  app.scope = () => {
    const chosen = selects.filter((select) => select.value);
    return Object.fromEntries(chosen.map((select) => [select.name, select.value]));
  };
  const refresh = () => {
    const chosen = selects.filter((select) => select.value);
    chips.replaceChildren(
      ...chosen.map((select) => {
        const chip = document.createElement("button");
        const name = select.parentElement.firstChild.data;
        chip.type = "button";
        chip.className = "chip";
        chip.textContent = `${name}：${select.selectedOptions[0].textContent}`;
        chip.setAttribute("aria-label", `去掉${chip.textContent}`);
        chip.addEventListener("click", () => {
          select.value = "";
          refresh();
        });
        return chip;
      }),
    );
    app.set("#filters", JSON.stringify(app.scope()));
  };
  app.limit = (limits) => {
    for (const select of selects) select.value = limits[select.name] ?? "";
    refresh();
  };
  for (const select of selects) select.addEventListener("change", refresh);
  page.addEventListener("click", (event) => {
    const only = event.target.closest("button.only");
    if (!only) return;
    app.limit({ doc_id: only.dataset.doc });
    app.close();
    find("#question textarea").focus();
  });
}
