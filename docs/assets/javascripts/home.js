/* The home page: filters, a random question, your marks, the way into a session.

   In the <head> too: of a page that only leads on nothing is painted. */
"use strict";
(() => {
  const { actions, all, load, make, markOf, one, pressed, remember, session, show, toggle } = dlref;
  const say = (text) => { one("#random [role=status]").textContent = text; };

  // The list of questions: the table has the levels, the list below it the tags.
  const LEVELS = ["beginner", "intermediate", "advanced"];
  let questions = [];
  const read = () => {
    questions = all("td:nth-child(4)").map(({ textContent, parentNode: row }) => ({
      row,
      cell: row.cells[0],
      url: row.querySelector("a").href,
      id: row.cells[0].textContent.toLowerCase(),
      level: [textContent.toLowerCase()],
      tag: [],
    }));
    return all("#by-tag + ul > li").map((item) => {
      const tag = item.querySelector("strong").textContent;
      const numbers = item.textContent.toLowerCase();
      for (const question of questions) if (numbers.includes(question.id)) question.tag.push(tag);
      return tag;
    });
  };
  const shown = () => questions.filter(({ row }) => !row.hidden);
  const chip = (attributes, text) => `<button type="button" class="chip" ${attributes}>${text}</button>`;
  const fold = (id) => chip(`aria-expanded="false" aria-controls="${id}" data-do="unfold"`, `${id} ▾`);
  const doing = (name, text) => chip(`data-do="${name}"`, text);
  const chips = (group, names) => names.map((name) =>
    chip(`aria-pressed="false" data-do="filter" data-group="${group}" value="${name}"`, name)).join("");
  const build = (bar) => {
    const tags = read();
    bar.innerHTML =
      `<span role="group" aria-label="Levels">${chips("level", LEVELS)}${fold("tags")}</span>` +
      `<span>${fold("marks")}${doing("session", "")}${doing("random", "Random")}</span>` +
      `<span role="group" aria-label="Tags" id="tags" hidden>${chips("tag", tags)}</span>` +
      `<span role="group" aria-label="Marks" id="marks" hidden>` +
      `${doing("export", "Export")}${doing("import", "Import")}${doing("reset", "Reset")}</span>` +
      `<span role="status"></span>`;
  };
  const unfold = (id, on) => {
    one(`#${id}`).hidden = !on;
    one(`[aria-controls=${id}]`).ariaExpanded = on;
  };

  // Any of the pressed levels, and any of the pressed tags.
  const wanted = () => all("[data-do=filter]").filter(pressed);
  const filter = () => {
    for (const question of questions) {
      question.row.hidden = !["level", "tag"].every((kind) => {
        const chosen = wanted().filter((chip) => chip.dataset.group === kind);
        return !chosen.length || chosen.some((chip) => question[kind].includes(chip.value));
      });
    }
    say(wanted().length ? `${shown().length} of ${questions.length} shown` : "");
  };
  const filterFromAddress = () => {
    const address = new URLSearchParams(location.hash.slice(1));
    for (const chip of all("[data-do=filter]")) {
      chip.ariaPressed = address.getAll(chip.dataset.group).includes(chip.value);
    }
    if (address.has("tag")) unfold("tags", true);
    filter();
  };

  // Of a session that goes on, what it asks next, counted from 1.
  const turn = () => !session().over && 1 + session().items.findIndex(({ mark }) => !mark);
  const drawProgress = () => {
    const marks = questions.map(({ id, cell }) => (cell.dataset.mark = markOf(id).mark));
    const known = marks.filter((mark) => mark === "known").length;
    one("[aria-controls=marks]").textContent =
      marks.some(Boolean) ? `${known} of ${questions.length} known ▾` : "marks ▾";
    const start = turn() ? `Go on<span>: ${turn()} of ${session().items.length}</span>` : "Quiz me";
    for (const button of all("[data-do=session]")) button.innerHTML = start;
  };

  // One of those that the filters show, other than the one just seen; rather not a known one.
  const random = () => {
    const seen = new URLSearchParams(location.search).get("not");
    const open = shown().filter(({ id }) => id !== seen);
    const fresh = open.filter(({ id }) => markOf(id).mark !== "known");
    const from = fresh.length ? fresh : open;
    return from[Math.floor(Math.random() * from.length)]?.url;
  };
  const next = async () => {
    try {
      await load("session.js");
      if (!turn()) {
        await load("../../quiz.js");
        dlref.session.start(shown());
      }
      const url = dlref.session.next();
      if (url) return url;
    } catch {}
    say("A session needs questions that are shown, and a browser that stores.");
  };
  // Addresses that only lead on; going back does not meet them.
  const WAYS = { "#random": random, "#quiz": next };
  const arrive = async () => {
    filterFromAddress();
    const url = await WAYS[location.hash]?.();
    if (url) location.replace(url);
    else if (WAYS[location.hash]) show("open");
  };
  const go = async (way) => {
    const url = await way();
    if (url) location.assign(url);
  };

  // Marks as a file: all of it is checked before any of it is kept.
  const MARKS = ["known", "half", "not-yet"];
  const must = (holds, got) => {
    if (!holds) throw Error(`The file must be one that Export wrote; got ${got.slice(0, 60)}`);
  };
  const parsed = (text) => {
    let file;
    try { file = JSON.parse(text); } catch {}
    must(file?.format === "dlref marks" && file.version === 1 && file.marks instanceof Object, text);
    return Object.entries(file.marks).map(([id, given]) => {
      const { mark, on = "" } = given ?? {};
      const isDated = !on || Date.parse(on);
      must(/^dl\d{4}(-[a-z0-9]+)*$/.test(id) && MARKS.includes(mark) && isDated, `${id}: ${JSON.stringify(given)}`);
      return { id, mark, on: on && new Date(on).toISOString() };
    });
  };
  const stored = () => {
    try { return Object.keys(localStorage).filter((key) => /^dlref\.dl\d/.test(key)).map((key) => key.slice(6)); } catch { return []; }
  };
  // Of two marks the later one holds.
  const merge = (marks) => {
    const later = marks.filter(({ id, on }) => !markOf(id).mark || on > markOf(id).on);
    for (const { id, mark, on } of later) remember(id, `${mark} ${on}`.trim());
    drawProgress();
    return `${marks.length} marks read, ${later.length} of them newer than yours.`;
  };

  Object.assign(actions, {
    filter(chip) {
      toggle(chip);
      const address = new URLSearchParams(wanted().map((c) => [c.dataset.group, c.value]));
      history.replaceState(history.state, "", location.href.split("#")[0] + (address.size ? `#${address}` : ""));
      filter();
    },
    unfold(button) {
      unfold(button.getAttribute("aria-controls"), button.ariaExpanded !== "true");
    },
    random: () => go(random),
    session: () => go(next),
    export() {
      const marks = Object.fromEntries(stored().map((id) => [id, markOf(id)]));
      const text = JSON.stringify({ format: "dlref marks", version: 1, marks }, null, 2);
      make("a", { href: URL.createObjectURL(new Blob([text])), download: "dlref-marks.json" }).click();
    },
    import() {
      const input = make("input", { type: "file", accept: ".json" });
      input.onchange = async () => {
        try { say(merge(parsed(await input.files[0].text()))); }
        catch ({ message }) { say(`${message}. No mark was changed.`); }
      };
      input.click();
    },
    reset() {
      const ids = stored();
      say("");
      if (!confirm(`Forget ${ids.length} marks, and the session?`)) return;
      for (const id of [...ids, "session"]) remember(id);
      drawProgress();
    },
  });

  if (WAYS[location.hash]) show("away");
  document.addEventListener("DOMContentLoaded", () => {
    build(one("#random"));
    drawProgress();
    arrive();
    addEventListener("hashchange", arrive);
    for (const event of ["pageshow", "storage"]) addEventListener(event, drawProgress);
  });
})();
