/* Practicing: answers hidden until asked for, what you know of them, keys.

   Every page is whole without this file. It stands in the <head>, not deferred, so that an
   answer to hide is hidden before it is painted. The buttons are in workshop/render/theme/main.html.
   `dlref` is for the other scripts; session.js is a session of ten questions. */
"use strict";
const dlref = (() => {
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const pressed = (button) => button.ariaPressed === "true";
  const toggle = (button) => (button.ariaPressed = !pressed(button));

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

  // A mark has the time it was given. Old ones have none, and were "known" or "again".
  const markOf = (id) => {
    const [mark, on = ""] = recall(id).replace("again", "not-yet").split(" ");
    return { mark, on };
  };
  const give = (id, mark) => remember(id, mark && `${mark} ${new Date().toISOString()}`);

  // What is rarely used has a file of its own.
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const here = document.currentScript.src;
  const load = (file) => new Promise((onload, onerror) =>
    document.head.append(make("script", { src: new URL(file, here), onload, onerror })));

  // What is shown: a question's answer, or not yet; "away": nothing, for it will be another.
  const show = (what) => { root.dataset.practice = what; };
  const isCovered = () => root.dataset.practice === "covered";
  // A link into the answer asks for the answer; one to what is to be written does not.
  const isForAnswer = () => !/^(#(dl\d{4}|the-question|__skip)?)?$|your-turn/.test(location.hash);
  // What a session asks, and what of it is asked here: a number, or "result".
  const session = () => JSON.parse(recall("session") || '{"items": []}');
  const turn = recall("session") && new URLSearchParams(location.search).get("quiz");
  if (turn) show("away");
  else show(recall("quiz") && !isForAnswer() ? "covered" : "open");
  // What an address leads to is brought to light; the theme opens the innermost fold alone.
  const follow = () => {
    const target = one(":target");
    if (!target || target.checkVisibility()) return;
    if (isForAnswer()) show("open");
    for (const fold of all("details:has(:target)")) fold.open = true;
    target.scrollIntoView();
  };
  const number = () => one("h1").id;

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
      give(number(), toggle(button) && button.value);
    },
    keys(box) {
      remember("keys", !box.checked && "off");
    },
  };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do]");
    if (button) actions[button.dataset.do]?.(button);
  });

  // Your turn: the number of a wrong line, or what a program prints.
  document.addEventListener("submit", (event) => {
    const { dataset: { low, high }, elements: [input, , said] } = event.target;
    if (!low) return;
    event.preventDefault();
    const { title, validity, valueAsNumber: x } = input;
    said.value = !validity.valid ? title : x >= low && x <= high ? "Yes." : "Not yet.";
  });

  // Keys: those of the theme (s for search, n, p) pass, but for s while an answer is hidden.
  const neighbor = (side) => () => {
    const link = one(`.md-footer__link--${side}`);
    return /DL\d{4}/.test(link?.textContent) && link;
  };
  const verdict = (nth) => () => !isCovered() && all("[data-do=mark]")[nth];
  const keys = {
    j: neighbor("next"),
    k: neighbor("prev"),
    r: () => one("[data-do=random]"),
    s: () => isCovered() && one("[data-do=reveal]"),
    1: verdict(0),
    2: verdict(1),
    3: verdict(2),
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
  addEventListener("toggle", ({ target }) => {
    const chosen = __md_get("__tabs")?.[0];
    for (const label of target.querySelectorAll(".tabbed-labels label")) {
      if (label.textContent === chosen) label.control.checked = true;
    }
  }, true);

  // The browser keeps the place; the history, which folds are open. They open as the page is
  // read, before it is painted and the place looked for; but a session covers what it asks.
  const left = !turn && history.state;
  const reader = new MutationObserver(() =>
    all("details").forEach((fold, i) => { fold.open = left[i]; }));
  if (left) reader.observe(document, { childList: true, subtree: true });
  let soon;  // a browser refuses to note each of a hundred
  const keep = () => {
    clearTimeout(soon);
    soon = setTimeout(() => history.replaceState(all("details").map(({ open }) => open), ""), 50);
  };

  document.addEventListener("DOMContentLoaded", () => {
    reader.disconnect();
    addEventListener("toggle", keep, true);
    addEventListener("hashchange", keep);
    if (one("[data-do=quiz]")) {
      one("[data-do=quiz]").ariaPressed = recall("quiz") === "on";
      one("[data-do=keys]").checked = recall("keys") !== "off";
      for (const button of all("[data-do=mark]")) button.ariaPressed = markOf(number()).mark === button.value;
      one("[data-do=random]").search = `?not=${number()}`;
      addEventListener("hashchange", follow);
      follow();
    }
    if (turn) load("session.js").then(() => dlref.session.ask(turn)).catch(() => show("open"));
  });
  return { actions, all, give, load, make, markOf, one, pressed, recall, remember, root, session, show, toggle };
})();
