// Those who manage the reports: sign in, add by drag and drop, describe, remove, rebuild. The
// server decides who may (see access.py) and draws the view; here it is only brought alive.
(app) => {
  const find = (selector) => document.querySelector(selector);
  const opener = find("#show-manage");
  const view = () => find("#reader .manage");
  const LOOK_EVERY_MS = 300;
  let building = false;

  const call = async (what, options) => {
    let answer;
    try {
      answer = await fetch(what, options);
    } catch {
      throw new Error("连不上服务器，请稍后再试。");
    }
    if (answer.ok) return answer;
    if (answer.status === 401) open(); // The session has ended: the view now asks for the password.
    const said = answer.status < 500 ? await answer.text() : "";
    throw Object.assign(new Error(said || "出了点问题，请再试一次。"), { status: answer.status });
  };
  const post = (what, body) =>
    call(`manage/${what}`, { method: "POST", body: JSON.stringify(body ?? {}) });

  const fetched = async () => {
    const template = document.createElement("template");
    template.innerHTML = await (await call("manage")).text();
    return template.content.firstElementChild;
  };

  // ---- the view ----

  const open = async () => {
    try {
      app.show(await fetched(), opener);
    } catch (error) {
      app.say(error.message);
      return;
    }
    (view().querySelector("input[type=password]") ?? view().querySelector("h2")).focus();
    watch();
  };
  opener.addEventListener("click", open);

  // What has changed is drawn anew; a form that is being filled in, and what was told, stay.
  const refresh = async () => {
    const fresh = await fetched();
    const now = view();
    if (!now?.querySelector(".entries") || !fresh.querySelector(".entries")) return;
    for (const item of now.querySelectorAll(".entries > li:has(form)")) {
      const twin = item_of(item.dataset.name, fresh);
      if (twin) twin.replaceWith(item);
    }
    const binOpen = now.querySelector(".bin").open;
    for (const part of [".build", ".entries", ".bin", "#known-regions"]) {
      now.querySelector(part).replaceWith(fresh.querySelector(part));
    }
    now.querySelector(".bin").open = binOpen;
    watch();
  };
  const item_of = (name, inside = view()) =>
    [...(inside?.querySelectorAll(".entries > li") ?? [])].find((one) => one.dataset.name === name);

  const tell = (sentence, ...buttons) => {
    const item = document.createElement("li");
    item.append(sentence, ...buttons);
    // Whoever has left the view meanwhile is told all the same.
    if (!view()?.checkVisibility?.()) app.say(sentence);
    view()?.querySelector(".told")?.append(item);
    return item;
  };
  const button = (text, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    made.addEventListener("click", act);
    return made;
  };
  const told = async (act) => {
    try {
      await act();
    } catch (error) {
      app.say(error.message);
    }
  };

  // ---- the rebuild: looked at until it ends ----

  const watch = async () => {
    if (building || !view()?.querySelector(".build[data-running]")) return;
    building = true;
    try {
      while (view()?.querySelector(".build[data-running]")) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        try {
          const html = await (await call("manage/status")).text();
          const now = view()?.querySelector(".build");
          if (now) now.outerHTML = html;
        } catch (error) {
          if (error.status) throw error; // Else the connection is gone, and may come back.
        }
      }
      app.renew();
      building = false;
      if (!view()?.querySelector(".entries")) return;
      await refresh();
      const said = view().querySelector(".status p").textContent;
      app.say(said);
    } catch (error) {
      app.say(error.message);
    } finally {
      building = false;
    }
  };
  const rebuild = () =>
    told(async () => {
      view().querySelector(".told").replaceChildren();
      try {
        await post("rebuild");
      } finally {
        await refresh();
      }
    });

  // ---- adding ----

  const add = async (files) => {
    const drop = view().querySelector(".dropzone");
    const kinds = drop.dataset.kinds.split(",");
    drop.classList.add("busy");
    view().querySelector(".told").replaceChildren();
    const added = [];
    for (const file of files) {
      const kind = kinds.some((ending) => file.name.toLowerCase().endsWith(ending));
      if (!kind) tell(`“${file.name}”没有收下：只能放 ${kinds.join("、")} 文件，请用 Word 或 WPS 打开，另存为 .docx 再放进来。`);
      else if (file.size > drop.dataset.most) {
        tell(`“${file.name}”没有收下：超过 ${drop.dataset.most / 2 ** 20} MB，请拆分。`);
      } else await send(file, "refuse", added);
    }
    drop.classList.remove("busy");
    if (added.length) await told(() => shown(added));
  };
  const send = async (file, taken, added) => {
    const query = new URLSearchParams({ name: file.name, taken });
    try {
      const answer = await call(`manage/add?${query}`, { method: "POST", body: file });
      added.push((await answer.json()).name);
    } catch (error) {
      if (error.status !== 409) {
        tell(error.message);
        return;
      }
      const again = (how) => async () => {
        item.remove();
        const late = [];
        await send(file, how, late);
        if (late.length) await told(() => shown(late));
      };
      const item = tell(
        error.message,
        button("换成新的", again("replace")),
        button("两份都留", again("number")),
        button("算了", () => item.remove()),
      );
    }
  };
  // A new report's facts are asked for at once: without its place it is hard to find.
  const shown = async (names) => {
    await refresh();
    app.say(names.length > 1 ? `收下了${names.length}份报告。` : `收下了“${names[0]}”。`);
    for (const name of names) edit(item_of(name));
    item_of(names[0])?.querySelector("form input[name=region]")?.focus();
  };

  // ---- describing ----

  const edit = (item) => {
    if (!item || item.querySelector("form")) return;
    const form = view().querySelector("template").content.firstElementChild.cloneNode(true);
    for (const input of form.querySelectorAll("input")) input.value = item.dataset[input.name] ?? "";
    item.append(form);
    item.querySelector(".edit").setAttribute("aria-expanded", "true");
  };
  const leave = (item) => {
    item.querySelector("form").remove();
    const again = item.querySelector(".edit");
    again.setAttribute("aria-expanded", "false");
    again.focus();
  };
  const save = async (form) => {
    const item = form.closest("li");
    const { name, seen } = item.dataset;
    try {
      await post("describe", { name, seen, ...Object.fromEntries(new FormData(form)) });
    } catch (error) {
      form.querySelector(".error").textContent = error.message;
      return;
    }
    leave(item);
    await told(refresh);
    app.say("已保存，重建之后生效。");
    item_of(name)?.querySelector(".edit")?.focus();
  };

  const signIn = async (form) => {
    const said = form.querySelector(".error");
    said.textContent = "";
    try {
      await post("sign-in", { password: form.elements.password.value });
    } catch (error) {
      said.textContent = error.message;
      form.elements.password.select();
      return;
    }
    await open();
  };

  // ---- clicks, keys, drops ----

  const remove = (pressed) => {
    if (!pressed.classList.contains("sure")) {
      pressed.classList.add("sure");
      pressed.textContent = "再点一次，移除";
      return;
    }
    told(async () => {
      await post("remove", { name: pressed.closest("li").dataset.name });
      await refresh();
      app.say("已移除，可以在下面放回。");
      view()?.querySelector("h2").focus({ preventScroll: true });
    });
  };
  const page = find("#reader .page");
  page.addEventListener("click", (event) => {
    const pressed = event.target.closest(".manage button");
    if (!pressed) return;
    const item = pressed.closest("li");
    const { classList } = pressed;
    if (classList.contains("rebuild")) rebuild();
    else if (classList.contains("edit")) item.querySelector("form") ? leave(item) : edit(item);
    else if (classList.contains("cancel")) leave(item);
    else if (classList.contains("remove")) remove(pressed);
    else if (classList.contains("leave")) told(async () => (await post("leave"), await open()));
    else if (classList.contains("put-back")) {
      told(async () => (await post("put-back", { token: item.dataset.token }), await refresh()));
    }
    if (classList.contains("edit")) item.querySelector("form input")?.focus();
  });
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.matches(".sign-in")) signIn(event.target);
    else if (event.target.matches(".describe")) save(event.target);
  });
  page.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form.describe");
    if (event.key !== "Escape" || !form) return;
    event.stopPropagation(); // Else the whole view would close.
    leave(form.closest("li"));
  });
  page.addEventListener("change", (event) => {
    if (!event.target.matches(".dropzone input")) return;
    const files = [...event.target.files];
    event.target.value = "";
    add(files);
  });

  // Beside the frame too: a file dropped next to it must not take the page's place.
  const holds = (event) => view()?.querySelector(".dropzone") && event.dataTransfer?.types.includes("Files");
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      if (!holds(event)) return;
      event.preventDefault();
      const inside = type !== "dragleave" || event.relatedTarget;
      view().querySelector(".dropzone").classList.toggle("over", type !== "drop" && Boolean(inside));
      if (type === "drop" && event.dataTransfer.files.length) add([...event.dataTransfer.files]);
    });
  }
}
