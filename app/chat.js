// Run once by Gradio when the page has loaded. One delegated listener serves everything that
// comes later, because the conversation and the sources are replaced with every answer.
() => {
  document.documentElement.lang = "zh-CN";
  const narrow = matchMedia("(max-width: 900px)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const sheet = document.querySelector("#sources");
  let opener = null;

  // Only the turn a mark belongs to is shown; the newest one by default (see chat.css).
  const showTurn = (section) => {
    for (const other of section.parentElement.querySelectorAll(".turn")) {
      other.classList.toggle("chosen", other === section);
    }
    section.parentElement.classList.add("choosing");
  };

  const openPanel = (link) => {
    opener = link;
    sheet.classList.add("open");
  };

  const closePanel = () => {
    if (!sheet.classList.contains("open")) return;
    sheet.classList.remove("open");
    opener?.focus({ preventScroll: true });
  };

  const flash = (marks) => {
    for (const mark of marks) {
      mark.classList.remove("flash");
      void mark.offsetWidth; // Restarts the animation when the same mark is clicked twice.
      mark.classList.add("flash");
    }
  };

  const goTo = (link) => {
    const target = document.getElementById(link.getAttribute("href").slice(1));
    const section = target?.closest(".turn");
    if (!section) return;
    showTurn(section);
    openPanel(link);
    const card = target.closest(".source");
    (card ?? section).focus({ preventScroll: true });
    if (target.dataset.n) flash(section.querySelectorAll(`mark.n${target.dataset.n}`));
    const behavior = calm.matches || narrow.matches ? "auto" : "smooth";
    target.scrollIntoView({ block: card ? "center" : "start", behavior });
  };

  // Through the box, as if typed: an example, too, passes the one event that answers.
  const ask = (question) => {
    const box = document.querySelector("#question textarea");
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, question);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => document.querySelector("#question .submit-button")?.click());
  };

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("a.cite, a.more, a.example, button.close");
      if (!link) {
        if (narrow.matches && !event.target.closest?.("#sources")) closePanel();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      if (link.matches(".close")) closePanel();
      else if (link.matches(".example")) ask(link.textContent);
      else goTo(link);
    },
    true,
  );
  // The chat component names a message by its HTML source and drops our labels: set them again.
  const log = document.querySelector("#conversation [role=log]");
  const label = () => {
    log.setAttribute("aria-label", "对话");
    for (const [select, name] of [
      ["[data-testid=user]", "提问"],
      ["[data-testid=bot]", "回答"],
    ]) {
      for (const message of log.querySelectorAll(select)) message.setAttribute("aria-label", name);
    }
    for (const cite of log.querySelectorAll("a.cite")) {
      cite.setAttribute("aria-label", `来源${cite.textContent.replace(/\D/g, "")}`);
    }
  };
  label();
  new MutationObserver(label).observe(log, { childList: true, subtree: true, characterData: true });

  // Gradio's own notices are in English, and some tell of its insides.
  const notices = [
    [/connection/i, "与服务器的连接断了，正在重新连接……"],
    [/queue is full/i, "现在提问的人太多，请稍后再试。"],
    [/./, "出了点问题，请再试一次。"],
  ];
  const translate = () => {
    for (const text of document.querySelectorAll("[data-testid=toast-text]")) {
      const said = text.textContent;
      if (notices.some(([, ours]) => ours === said)) continue;
      text.textContent = notices.find(([theirs]) => theirs.test(said))?.[1] ?? "";
      const title = text.closest("[data-testid=toast-body]")?.querySelector(".toast-title");
      if (title) title.textContent = "提示";
    }
  };
  new MutationObserver(translate).observe(document.body, { childList: true, subtree: true });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePanel();
  });
  // Enter that only picks a word in a Chinese input method must not send half a question.
  for (const type of ["keydown", "keypress"]) {
    document.addEventListener(type, (event) => event.isComposing && event.stopPropagation(), true);
  }
};
