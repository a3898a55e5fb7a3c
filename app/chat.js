// The conversation: marks, keys, the question box. One of the scripts that `layout.look` joins;
// they share `app`. One delegated listener serves everything that comes later, because Gradio
// replaces the conversation and the sources with every answer.
(app) => {
  document.documentElement.lang = "zh-CN";
  const narrow = matchMedia("(max-width: 900px)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const find = (selector) => document.querySelector(selector);
  const desk = find("#desk");
  const sheet = find("#sources");
  const log = find("#conversation [role=log]");
  let opener = null;

  // ---- the column of sources: cards of an answer, or a page (see reader.js) ----

  app.open = (view, link) => {
    if (link) opener = link;
    desk.dataset.view = view;
    sheet.classList.add("open");
    label();
  };

  app.close = () => {
    if (!sheet.classList.contains("open") && desk.dataset.view !== "page") return false;
    sheet.classList.remove("open");
    desk.dataset.view = "turns";
    label();
    const back = opener?.isConnected ? opener : find(`a[href="${opener?.getAttribute("href")}"]`);
    back?.focus({ preventScroll: true });
    return true;
  };

  // Only the turn a mark belongs to is shown; the newest one by default (see reader.css).
  const showTurn = (section) => {
    for (const other of section.parentElement.querySelectorAll(".turn")) {
      other.classList.toggle("chosen", other === section);
    }
    section.parentElement.classList.add("choosing");
  };

  // A new answer: its own sources, from their beginning.
  let newest = "";
  new MutationObserver(() => {
    const last = [...document.querySelectorAll("#panel .turn")].at(-1)?.id ?? "";
    if (last !== newest && !narrow.matches) {
      desk.dataset.view = "turns";
      sheet.scrollTop = 0;
    }
    newest = last;
  }).observe(find("#panel"), { childList: true, subtree: true });

  app.reveal = (element, block) => {
    const behavior = calm.matches || narrow.matches ? "auto" : "smooth";
    element.scrollIntoView({ block, behavior });
  };

  app.flash = (marks) => {
    for (const mark of marks) {
      mark.classList.remove("flash");
      void mark.offsetWidth; // Restarts the animation when the same mark is clicked twice.
      mark.classList.add("flash");
    }
  };

  // A mark opens its sentence in the whole report; "查看来源" the cards of the answer.
  const goTo = (link) => {
    const target = document.getElementById(link.getAttribute("href").slice(1));
    const section = target?.closest(".turn");
    if (!section) return;
    showTurn(section);
    const card = target.closest(".source");
    if (card) {
      app.read(card.querySelector("a.whole").getAttribute("href"), target.dataset.n, link);
    } else {
      app.open("turns", link);
      section.focus({ preventScroll: true });
      app.reveal(section, "start");
    }
  };

  app.step = (by) => {
    const hrefs = [...log.querySelectorAll("a.cite")].map((a) => a.getAttribute("href"));
    const all = [...new Set(hrefs)];
    if (!all.length) return;
    const at = all.indexOf(opener?.getAttribute("href"));
    const turn = all.at(-1).replace(/\d+$/, ""); // Where to begin: the newest answer.
    const first = by > 0 ? all.findIndex((href) => href.startsWith(turn)) : all.length - 1;
    const next = at < 0 ? first : Math.min(Math.max(at + by, 0), all.length - 1);
    const link = log.querySelector(`a.cite[href="${all[next]}"]`);
    goTo(link);
    if (!narrow.matches) link.scrollIntoView({ block: "nearest" });
  };

  // ---- the question box ----

  // Through the component, as if typed: Gradio learns of a value only by its input event.
  app.set = (selector, value) => {
    const box = find(`${selector} textarea`);
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, value);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  app.ask = (question) => {
    app.set("#question", question);
    setTimeout(() => find("#question .submit-button")?.click());
  };

  // ---- a word to the reader ----

  const said = document.createElement("div");
  said.id = "said";
  said.setAttribute("role", "status");
  document.body.append(said);
  let silence = 0;
  app.say = (sentence) => {
    said.textContent = sentence;
    clearTimeout(silence);
    silence = setTimeout(() => (said.textContent = ""), 4000);
  };

  // ---- the sentence behind a mark, while the pointer or the focus is on it ----

  const tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  const point = (event) => {
    const link = event.target.closest?.("a.cite");
    tip.hidden = !link?.dataset.quote;
    if (tip.hidden) return;
    tip.textContent = link.dataset.quote;
    link.setAttribute("aria-describedby", "tip");
    const box = link.getBoundingClientRect();
    const left = Math.min(box.left, innerWidth - tip.offsetWidth - 12);
    const above = box.top - tip.offsetHeight - 6;
    tip.style.left = `${Math.max(left, 12)}px`;
    tip.style.top = `${above < 8 ? box.bottom + 6 : above}px`;
  };
  for (const type of ["mouseover", "focusin"]) document.addEventListener(type, point);
  document.addEventListener("scroll", () => (tip.hidden = true), true);

  // ---- clicks and keys ----

  document.addEventListener(
    "click",
    (event) => {
      const hit = (selector) => event.target.closest?.(selector);
      for (const menu of document.querySelectorAll("details:is(.export, .scope > *)[open]")) {
        if (!menu.contains(event.target)) menu.open = false;
      }
      const link = hit("a.cite, a.more, a.example, a.act, a.whole, button.close, .next button");
      if (!link) {
        const beside = hit("#sources, #views, #tip");
        if (narrow.matches && !beside && event.target.isConnected) app.close();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      tip.hidden = true;
      if (link.matches(".close")) app.close();
      else if (link.matches(".example, .next button")) app.ask(link.textContent);
      else if (link.matches(".act")) app.act(link);
      else if (link.matches(".whole")) app.read(link.getAttribute("href"), null, link);
      else goTo(link);
    },
    true,
  );

  // A menu opens towards where there is room for it.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!target.matches(".export")) return;
      target.classList.toggle("down", target.getBoundingClientRect().top < innerHeight / 2);
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select");
    const menu = find("details:is(.export, .scope > *)[open]");
    if (event.key === "Escape") {
      tip.hidden = true;
      if (menu) menu.open = false;
      else if (!app.close() && typing) event.target.blur();
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "j" || event.key === "J") app.step(1);
    if (event.key === "k" || event.key === "K") app.step(-1);
  });
  // Enter that only picks a word in a Chinese input method must not send half a question.
  for (const type of ["keydown", "keypress"]) {
    document.addEventListener(type, (event) => event.isComposing && event.stopPropagation(), true);
  }

  // ---- what the chat component drops or says in English ----

  const label = () => {
    log.setAttribute("aria-label", "对话");
    for (const [select, name] of [
      ["[data-testid=user]", "提问"],
      ["[data-testid=bot]", "回答"],
    ]) {
      for (const message of log.querySelectorAll(select)) {
        message.setAttribute("role", "group"); // A name needs something that may have one.
        message.setAttribute("aria-label", name);
      }
    }
    const current = desk.dataset.view === "page" ? opener?.getAttribute("href") : "";
    for (const cite of log.querySelectorAll("a.cite")) {
      if (cite.getAttribute("href") === current) cite.setAttribute("aria-current", "true");
      else cite.removeAttribute("aria-current");
      if (!cite.title) continue;
      cite.setAttribute("aria-label", `来源${cite.textContent.replace(/\D/g, "")}`);
      cite.dataset.quote = cite.title;
      cite.removeAttribute("title");
    }
    const again = [...log.querySelectorAll("a.again")];
    for (const link of again) link.hidden = link !== again.at(-1);
  };
  label();
  new MutationObserver(label).observe(log, { childList: true, subtree: true, characterData: true });

  const notices = [
    [/connection/i, "与服务器的连接断了，正在重新连接……"],
    [/queue|busy/i, "现在提问的人太多，请稍后再试。"],
    [/./, "出了点问题，请再试一次。"],
  ];
  const translate = () => {
    for (const text of document.querySelectorAll("[data-testid=toast-text]")) {
      const theirs = text.textContent;
      if (notices.some(([, ours]) => ours === theirs)) continue;
      text.textContent = notices.find(([pattern]) => pattern.test(theirs))?.[1] ?? "";
      const title = text.closest("[data-testid=toast-body]")?.querySelector(".toast-title");
      if (title) title.textContent = "提示";
    }
  };
  new MutationObserver(translate).observe(document.body, { childList: true, subtree: true });
}
