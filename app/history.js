// What can be done with answers: copy, export, repeat, and keep them in this browser. The server
// keeps nothing; each answer comes with its record, which is all that is stored.
(app) => {
  const find = (selector) => document.querySelector(selector);
  const KEY = "chanye-conversations";
  const KEPT = 50;
  let current = "";
  let opening = null; // Asked for, not yet on the page: what is there is still the old one.

  // ---- storage: may be full, forbidden or damaged; the chat goes on without it ----

  const read = () => {
    try {
      const saved = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(saved) ? saved.filter((c) => Array.isArray(c?.turns)) : [];
    } catch {
      return [];
    }
  };
  const write = (conversations) => {
    for (let kept = conversations.slice(0, KEPT); ; kept = kept.slice(0, -1)) {
      try {
        localStorage.setItem(KEY, JSON.stringify(kept));
        return;
      } catch {
        if (!kept.length) return;
      }
    }
  };

  const records = () =>
    [...document.querySelectorAll("#panel .turn[data-record]")].map((turn) =>
      JSON.parse(turn.dataset.record),
    );
  const save = () => {
    if (!find("#panel .turn")) current = ""; // Emptied: whatever comes is a new conversation.
    const turns = records();
    if (!turns.length) return;
    if (opening?.turns.some((turn) => turn.question === turns[0].question)) {
      current = String(opening.id);
      opening = null;
    }
    current ||= `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const others = read().filter((c) => c.id !== current);
    write([{ id: current, at: Date.now(), turns }, ...others]);
  };
  // Gradio changes what differs: of sources already there, only the record that makes them whole.
  const whole = { childList: true, subtree: true, attributeFilter: ["data-record"] };
  new MutationObserver(save).observe(find("#panel"), whole);
  find("#restart").addEventListener("click", () => {
    opening = null;
    app.close();
  });

  // ---- the list of conversations ----

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const button = (text, className, act) => {
    const made = make("button", { type: "button", className, textContent: text });
    made.addEventListener("click", act);
    return made;
  };
  const when = new Intl.DateTimeFormat("zh-CN", { dateStyle: "medium", timeStyle: "short" });

  const item = (conversation) => {
    const title = String(conversation.turns[0]?.question ?? "").trim().slice(0, 80) || "（空）";
    const open = button(title, "reopen", () => {
      opening = conversation;
      app.set("#saved", JSON.stringify(conversation.turns));
      app.close();
      setTimeout(() => find("#restore").click()); // When the component has taken the value.
    });
    const at = Number.isFinite(conversation.at) ? `${when.format(conversation.at)} · ` : "";
    const drop = button("删除", "drop", () => {
      write(read().filter((c) => c.id !== conversation.id));
      if (current === conversation.id) current = "";
      list();
    });
    drop.setAttribute("aria-label", `删除对话：${title}`);
    const meta = make("p", { className: "meta", textContent: `${at}${conversation.turns.length}问` });
    return make("li", {}, open, make("div", { className: "foot" }, meta, drop));
  };
  const list = (link) => {
    const saved = read();
    const heading = make("h2", { textContent: "历史对话", tabIndex: -1 });
    const lead = saved.length ? "只保存在这个浏览器里。" : "还没有对话。对话只保存在这个浏览器里。";
    const section = make("section", { className: "past" }, heading);
    section.append(make("p", { className: "lead", textContent: lead }));
    section.append(make("ul", {}, ...saved.map(item)));
    if (saved.length > 1) {
      section.append(
        button("全部删除", "drop all", (event) => {
          if (event.target.textContent === "全部删除") {
            event.target.textContent = "再点一次，全部删除";
            return;
          }
          write([]);
          current = "";
          list();
        }),
      );
    }
    app.show(section, link);
    heading.focus();
  };
  find("#show-history").addEventListener("click", (event) => list(event.currentTarget));

  // ---- copy, export, repeat ----

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without https there is no clipboard but this old way.
      const box = make("textarea", { value: text, className: "offscreen" });
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    app.say("已复制。");
  };

  const keep = (file, title, kind) => {
    const day = new Date().toLocaleDateString("sv");
    const link = make("a", { href: URL.createObjectURL(file), download: `${title}-${day}.${kind}` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  const draw = async (link, section) => {
    const answer = link.closest(".answer");
    const chart = answer.querySelector("svg.chart");
    const reports = [...section.querySelectorAll("h3")].map((title) => title.textContent);
    // A follow-up means nothing alone: the title is then the question as it was searched.
    const whole = answer.querySelector(".searched")?.textContent.replace(/^.*?：/, "");
    const question = whole ?? JSON.parse(section.dataset.record).question.trim();
    keep(await app.picture(chart, question, [...new Set(reports)]), "对照图", "png");
  };

  const download = async (kind, wanted) => {
    const body = JSON.stringify({ as: kind, records: wanted });
    let answer;
    try {
      answer = await fetch("export", { method: "POST", body });
      if (!answer.ok) throw new Error(await answer.text());
    } catch (error) {
      app.say(answer ? error.message : "连不上服务器，没有导出。");
      return;
    }
    keep(await answer.blob(), ["csv", "xlsx"].includes(kind) ? "对照表" : "引文证据表", kind);
  };

  const address = (question) => {
    const url = new URL(location.href);
    url.search = new URLSearchParams({ q: question, ...app.scope() });
    url.hash = "";
    return url.href;
  };

  app.act = (link) => {
    const [what, turn] = link.getAttribute("href").slice(1).split("-");
    const section = document.getElementById(`sources-${turn}`);
    link.closest("details")?.removeAttribute("open");
    if (what === "again") find("#again").click();
    else if (!section?.dataset.record) return;
    else if (what === "copy") copy(section.dataset.copy);
    else if (what === "png") draw(link, section);
    else if (what === "link") copy(address(JSON.parse(section.dataset.record).question));
    else if (what.startsWith("all")) download(what.slice(3), records());
    else download(what, [JSON.parse(section.dataset.record)]);
  };

  // ---- a link that repeats a question: ?q=…&region=… ----

  app.start = async () => {
    await app.renew();
    const given = new URLSearchParams(location.search);
    const question = given.get("q")?.trim();
    if (!question) return;
    app.limit(Object.fromEntries(given));
    app.ask(question);
    history.replaceState(null, "", location.pathname); // A reload should not ask again.
  };
}
