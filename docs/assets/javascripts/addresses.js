/* What has an address gets a sign that links to it; a figure, buttons that save it.

   The addresses are in the page, from workshop/render/addresses.py. */
"use strict";
(() => {
  const { make } = dlref;
  const MARGIN = 8;
  const SCALE = 3;  // of a PNG
  const ROW = 14;
  // What a style sheet says of a drawing; a file has none.
  const STYLED = [
    "fill", "stroke", "stroke-width", "stroke-dasharray", "text-anchor",
    "font-family", "font-size", "font-style", "font-weight",
  ];
  const add = (parent, tag, attributes = {}, text = "") => {
    const element = parent.appendChild(document.createElementNS(parent.namespaceURI, tag));
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.textContent = text;
    return element;
  };

  // The legend and the settings of a live figure stand beside its drawing: they go with it.
  const legend = (figure, svg, bottom) => {
    const group = add(svg, "g");
    const rows = [...figure.querySelectorAll("output span, label")];
    rows.forEach(({ className, textContent }, i) => {
      const y = bottom + ROW * (i + 1);
      if (className) add(group, "path", { class: className, d: `M44 ${y - 3}h24` });
      add(group, "text", { class: "start", x: 74, y }, textContent.trim().replace(/\s+/g, " "));
    });
    return [group, ROW * rows.length];
  };

  // As it looks now, in a file that needs nothing else.
  const drawing = (figure) => {
    const svg = figure.querySelector("svg");
    const { x, y, width, height } = svg.viewBox.baseVal;
    const [group, more] = legend(figure, svg, y + height);
    const copy = svg.cloneNode(true);
    const [shown, saved] = [svg, copy].map((root) => [root, ...root.querySelectorAll("*")]);
    shown.forEach((element, i) => {
      const own = getComputedStyle(element);
      const around = i && getComputedStyle(element.parentNode);
      for (const name of STYLED) {
        const isSaid = !i || element.hasAttribute(name) || own[name] !== around[name];
        if (isSaid) saved[i].setAttribute(name, own[name]);
      }
    });
    group.remove();
    const box = [x - MARGIN, y - MARGIN, width + 2 * MARGIN, Math.ceil(height + more) + 2 * MARGIN];
    const paper = add(copy, "rect", {
      x: box[0], y: box[1], width: "100%", height: "100%",
      fill: getComputedStyle(document.body).backgroundColor, stroke: "none",
    });
    copy.insertBefore(paper, copy.querySelector(":scope > :not(title, desc, defs)"));  // below all
    if (svg.ariaLabel) copy.prepend(add(copy, "title", {}, svg.ariaLabel));
    copy.setAttribute("viewBox", box.join(" "));
    copy.setAttribute("width", box[2]);
    copy.setAttribute("height", box[3]);
    return new XMLSerializer().serializeToString(copy);
  };

  const files = {
    SVG: (svg) => new Blob([svg], { type: "image/svg+xml" }),
    async PNG(svg) {
      const image = make("img", { src: `data:image/svg+xml,${encodeURIComponent(svg)}` });
      await image.decode();
      const canvas = make("canvas", { width: SCALE * image.width, height: SCALE * image.height });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return new Promise((done) => canvas.toBlob(done));
    },
  };
  const save = async (figure, format) => {
    const href = URL.createObjectURL(await files[format](drawing(figure)));
    make("a", { href, download: `${figure.id}.${format.toLowerCase()}` }).click();
  };

  const sign = ({ id }, what, place = "") => {
    const title = "Link to this " + what;
    return make("a", { className: `${place} headerlink`, href: `#${id}`, title, ariaLabel: title });
  };
  const tools = (figure) => {
    const bar = make("span", { className: "tools" });
    const buttons = Object.keys(files).map((format) => make("button", {
      type: "button",
      textContent: format,
      ariaLabel: `Save as ${format}`,
      onclick: () => save(figure, format),
    }));
    bar.append(...buttons, sign(figure, "figure"));
    return bar;
  };
  // The heading of the question is heard and not seen; the title has the same place.
  const all = (selector, mark) =>
    document.querySelectorAll(`article :is(${selector})[id]:not(#the-question)`).forEach(mark);
  all("h1, h2, h3, h4, h5, h6", (heading) => heading.append(sign(heading, "section")));
  all(".admonition-title", (title) => title.append(sign(title, "box")));
  // Not in the summary, which is a button; and last: a browser that comes back to a page finds
  // the place by counting what stands before it.
  all("summary", (title) => title.parentNode.append(sign(title, "fold", "beside")));
  all(".math", (formula) => formula.append(sign(formula, "formula", "beside")));
  all("figure", (figure) => figure.querySelector("figcaption").before(tools(figure)));
})();
