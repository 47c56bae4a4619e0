/* A session: ten questions and follow-up questions, each on its page, one after the other.

   The address says which it is, ?quiz=3, and the browser keeps the others: so reload, back and
   forward find it. */
"use strict";
dlref.session = (() => {
  const { actions, all, give, markOf, one, remember, root, session: read, show } = dlref;
  const SIZE = 10;
  const page = location.href.split(/[?#]/)[0];
  const write = (session) => remember("session", JSON.stringify(session));

  // First what was not known, then what was half known; the others as long as they are unseen.
  // Among equals chance decides, and takes a question as often as a follow-up question.
  const RANKS = ["not-yet", "half"];
  const pick = (items, questions) => items.map((item) => {
    const { mark, on } = markOf(item.id);
    const luck = Math.random() * (item.kind === "question" ? questions.length : items.length);
    return { item, rank: RANKS.indexOf(mark) + 1 || 3, on, luck };
  }).sort((a, b) => a.rank - b.rank || (a.on > b.on) - (a.on < b.on) || a.luck - b.luck)
    .slice(0, SIZE).map(({ item }) => item);

  // Of these questions, as the home page has them; quiz.js lists what can be asked.
  const start = (questions) => {
    const items = questions.flatMap(({ id, url }) =>
      quiz.filter((item) => item.id.startsWith(id)).map((item) => ({ ...item, url })));
    write({ home: page, items: pick(items, questions) });
  };
  const next = () => {
    const { home, items } = read();
    const index = items.findIndex(({ mark }) => !mark);
    if (!items.length) return "";
    return index < 0 ? `${home}?quiz=result` : `${items[index].url}?quiz=${index + 1}`;
  };

  // A follow-up question is asked alone: its fold, where it stands.
  const askFold = (fold) => {
    fold.classList.add("asked");
    fold.after(one(".verdict"));
    fold.addEventListener("toggle", () => fold.open && show("open"));
    actions.reveal = () => {
      fold.open = true;
      fold.firstElementChild.focus();
    };
  };
  const ask = (turn) => {
    const session = read();
    if (turn === "result") return result(session);
    const item = session.items[turn - 1];
    if (item?.url !== page) return show("open");
    root.dataset.session = item.kind;
    if (item.kind !== "question") askFold(document.getElementById(item.id).parentElement);
    for (const button of all("[data-do=mark]")) button.ariaPressed = button.value === item.mark;
    actions.mark = ({ value }) => {
      const now = read();  // other pages may have gone on since this one was opened
      for (const other of now.items) if (other.id === item.id) other.mark = value;
      write(now);
      give(item.id, value);
      if (next()) location.assign(next());
    };
    one("article").insertAdjacentHTML("afterbegin", `<p class="practice session">
      <strong>${turn} of ${session.items.length}</strong>
      <a class="chip" href="${session.home}">Pause</a>
      <a class="chip" href="${session.home}?quiz=result">End</a></p>`);
    show("covered");
  };

  const result = ({ home, items }) => {
    write({ home, items, over: true });
    const list = (title, found) => found.length ? `<h2>${title}</h2><ul>${found.map((item) =>
      `<li><a href="${item.url}#${item.id}">${item.text}</a></li>`).join("")}</ul>` : "";
    const [known, half, notYet] = ["known", "half", "not-yet"].map((word) =>
      items.filter(({ mark }) => mark === word));
    one("article").insertAdjacentHTML("beforeend", `<section class="session">
      <h1>${known.length} known, ${half.length} half, ${notYet.length} not yet</h1>
      ${list("Not yet", notYet)}${list("Half", half)}
      <p><a class="chip" href="${home}#quiz">Ten more</a> <a class="chip" href="${home}">All questions</a></p>
      <p>For spacing over months, take <a href="${new URL("dlref.apkg", home)}" download>the deck for Anki</a>.</p>
      </section>`);
    show("result");
  };
  return { ask, next, start };
})();
