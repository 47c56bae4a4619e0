/* Practicing: answers hidden until asked for, a random question, keys, what you know, filters.

   Every page is whole without this file. It stands in the <head>, not deferred, so that an
   answer to hide is hidden before it is painted. The buttons are in workshop/render/theme/main.html. */
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const pressed = (button) => button.ariaPressed === "true";

  // A browser may forbid storage: then nothing is remembered, and all else works.
  const recall = (key) => {
    try { return localStorage.getItem(`dlref.${key}`) ?? ""; } catch { return ""; }
  };
  const remember = (key, value) => {
    try {
      if (value) localStorage.setItem(`dlref.${key}`, value);
      else localStorage.removeItem(`dlref.${key}`);
    } catch {}
  };
  const toggle = (button) => (button.ariaPressed = !pressed(button));

  // What is shown: a question's answer, or not yet; "away": this page only picks another one.
  const show = (what) => { root.dataset.practice = what; };
  const isCovered = () => root.dataset.practice === "covered";
  // A link into the answer asks for the answer.
  const isForAnswer = () => !/^(#(dl\d{4}|the-question|__skip)?)?$/.test(location.hash);
  if (location.hash === "#random") show("away");
  else show(recall("quiz") && !isForAnswer() ? "covered" : "open");
  const follow = () => {
    if (!isCovered() || !isForAnswer()) return;
    show("open");
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  };
  const number = () => one("h1").id;

  // The list of questions, on the home page: its table has the levels, its list the tags.
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
  const chip = (attributes, text) => `<button type="button" class="chip" ${attributes}>${text}</button>`;
  const chips = (group, names) => names.map((name) =>
    chip(`aria-pressed="false" data-do="filter" data-group="${group}" value="${name}"`, name)).join("");
  const build = (bar) => {
    const tags = read();
    bar.innerHTML =
      `<span role="group" aria-label="Levels">${chips("level", LEVELS)}` +
      `${chip('aria-expanded="false" aria-controls="tags" data-do="unfold"', "tags ▾")}</span>` +
      `<span><span id="known"></span>${chip('data-do="random"', "Random question")}</span>` +
      `<span role="group" aria-label="Tags" id="tags" hidden>${chips("tag", tags)}</span>` +
      `<span role="status"></span>`;
  };
  const unfold = (on) => {
    one("#tags").hidden = !on;
    one("[data-do=unfold]").ariaExpanded = on;
  };
  // Any of the pressed levels, and any of the pressed tags.
  const wanted = () => all("[data-do=filter]").filter(pressed);
  const filter = () => {
    for (const question of questions) {
      question.row.hidden = !["level", "tag"].every((group) => {
        const chosen = wanted().filter((chip) => chip.dataset.group === group);
        return !chosen.length || chosen.some((chip) => question[group].includes(chip.value));
      });
    }
    const shown = questions.filter(({ row }) => !row.hidden).length;
    one("#random [role=status]").textContent =
      wanted().length ? `${shown} of ${questions.length} shown` : "";
  };
  const filterFromAddress = () => {
    const address = new URLSearchParams(location.hash.slice(1));
    for (const chip of all("[data-do=filter]")) {
      chip.ariaPressed = address.getAll(chip.dataset.group).includes(chip.value);
    }
    if (address.has("tag")) unfold(true);
    filter();
  };
  const drawProgress = () => {
    const marks = questions.map(({ id, cell }) => (cell.dataset.mark = recall(id)));
    const known = marks.filter((mark) => mark === "known").length;
    one("#known").innerHTML = marks.some(Boolean)
      ? `${known} of ${questions.length} known ${chip('data-do="forget"', "Reset")}`
      : "";
  };

  // One of those that the filters show, other than the one just seen; rather not a known one.
  const random = () => {
    const seen = new URLSearchParams(location.search).get("not");
    const open = questions.filter(({ id, row }) => id !== seen && !row.hidden);
    const fresh = open.filter(({ id }) => recall(id) !== "known");
    const from = fresh.length ? fresh : open;
    return from[Math.floor(Math.random() * from.length)]?.url;
  };

  const actions = {
    quiz(button) {
      remember("quiz", toggle(button) && "on");
      show(pressed(button) ? "covered" : "open");
    },
    reveal() {
      show("open");
      one(".said").textContent = "The answer is shown.";
      const start = one("#in-one-breath");
      start.tabIndex = -1;
      start.focus();
    },
    mark(button) {
      for (const other of all("[data-do=mark]")) if (other !== button) other.ariaPressed = false;
      remember(number(), toggle(button) && button.value);
    },
    keys(box) {
      remember("keys", !box.checked && "off");
    },
    filter(chip) {
      toggle(chip);
      const address = new URLSearchParams(wanted().map((c) => [c.dataset.group, c.value]));
      history.replaceState(null, "", location.href.split("#")[0] + (address.size ? `#${address}` : ""));
      filter();
    },
    unfold() {
      unfold(one("#tags").hidden);
    },
    random() {  // on a page of a question it is a link, which leads home
      const url = random();
      if (url) location.assign(url);
    },
    forget() {
      for (const { id } of questions) remember(id);
      drawProgress();
      one("[data-do=random]").focus();
    },
  };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do]");
    if (button) actions[button.dataset.do](button);
  });

  // Keys: those of the theme (s for search, n, p) pass, but for s while an answer is hidden.
  const neighbor = (side) => () => {
    const link = one(`.md-footer__link--${side}`);
    return /DL\d{4}/.test(link?.textContent) && link;
  };
  const keys = {
    j: neighbor("next"),
    k: neighbor("prev"),
    r: () => one("[data-do=random]"),
    s: () => isCovered() && one("[data-do=reveal]"),
  };
  document.addEventListener("keydown", (event) => {
    const [target] = event.composedPath();  // the theme may keep its search in a shadow tree
    const typing = one("[data-md-toggle=search]:checked") || target.matches(":read-write, select");
    if (typing || event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    const off = recall("keys") === "off";
    const button = !off && keys[event.key]?.();
    if (off || button) event.stopPropagation();
    if (button) {
      event.preventDefault();
      button.click();
    }
  });

  // The theme remembers the tab last chosen, but cannot see the tabs in a closed fold.
  document.addEventListener("toggle", ({ target }) => {
    const chosen = __md_get("__tabs")?.[0];
    for (const label of target.querySelectorAll(".tabbed-labels label")) {
      if (label.textContent === chosen) label.control.checked = true;
    }
  }, true);

  document.addEventListener("DOMContentLoaded", () => {
    const bar = one("#random");
    if (bar) {
      build(bar);
      drawProgress();
      filterFromAddress();
      addEventListener("hashchange", filterFromAddress);
      for (const event of ["pageshow", "storage"]) addEventListener(event, drawProgress);
    } else if (one("[data-do=quiz]")) {
      one("[data-do=quiz]").ariaPressed = recall("quiz") === "on";
      one("[data-do=keys]").checked = recall("keys") !== "off";
      for (const button of all("[data-do=mark]")) button.ariaPressed = recall(number()) === button.value;
      one("[data-do=random]").search = `?not=${number()}`;
      addEventListener("hashchange", follow);
    }
    if (root.dataset.practice !== "away") return;
    const url = random();
    if (url) location.replace(url);
    else show("open");
  });
})();
