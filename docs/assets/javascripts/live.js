/* Live figures: a page writes axes, sliders and legend; this script draws. What it draws is
   in `live/`, a file to a figure: its models, the formulas, which
   tests/browser/smoke/live_figures compares with dlref; and its curves, from the sliders
   and then the text field, if there is one: points; then the dot, and the number that the
   legend shows. What else they say, as `says`, stands in the <samp> of the legend. */
"use strict";
(() => {
  const models = {};
  const curves = {};

  /* What several figures use. */

  const range = (low, high, step = 1) =>
    Array.from({ length: (high - low) / step + 1.5 }, (_, i) => low + i * step);
  const curve = (f, xs, x) => [xs.map((x) => [x, f(x)]), [x, f(x)], f(x)];
  const turned = (degrees, [x, y]) => {
    const [c, s] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));
    return [c * x - s * y, s * x + c * y];
  };

  /* The engine. */

  const digits = (x) => {
    if (x < 1e6 && !(x > 0 && x < 1e-4))
      return x.toLocaleString("en", { maximumSignificantDigits: Math.abs(x) < 1e3 ? 3 : 6 });
    const [head, power] = x.toExponential(2).replace("+", "").split("e");
    return (+head === 1 ? "10" : head + " × 10") + power.replace(/./g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻");
  };

  const [WIDTH, HEIGHT] = [300, 150];
  const add = (parent, tag, attributes = {}, text = "") => {
    const element = parent.appendChild(document.createElementNS(parent.namespaceURI, tag));
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.textContent = text;
    return element;
  };
  // "label: first … last" gives the label, the ticks, and a map of the axis to 0 … 1.
  const axis = (text) => {
    const [label, list] = text.split(": ");
    const ticks = list.split(" ").map(Number);
    const f = label.endsWith("(log)") ? Math.log : Number;
    const [low, high] = [ticks[0], ticks.at(-1)].map(f);
    return [label, ticks, (value) => Math.max(-9, Math.min(9, (f(value) - low) / (high - low)))];
  };

  const build = (figure) => {
    const all = (selector) => [...figure.querySelectorAll(selector)];
    const [labelX, ticksX, alongX] = axis(figure.dataset.x);
    const [labelY, ticksY, alongY] = axis(figure.dataset.y);
    const place = ([x, y]) => [WIDTH * alongX(x), HEIGHT * (1 - alongY(y))];

    const svg = figure.querySelector("svg");
    const plot = add(svg, "g", { transform: "translate(44 6)" });
    const write = (text, x, y, more) => add(plot, "text", { x, y, ...more }, text);
    for (const tick of ticksX) {
      const x = WIDTH * alongX(tick);
      add(plot, "path", { d: `M${x} 0V${HEIGHT}` });
      write(digits(tick), x, HEIGHT + 12);
    }
    for (const tick of ticksY) {
      const y = HEIGHT * (1 - alongY(tick));
      add(plot, "path", { d: `M0 ${y}H${WIDTH}` });
      write(digits(tick), -5, y + 3, { class: "end" });
    }
    add(plot, "path", { class: "axes", d: `M0 0V${HEIGHT}H${WIDTH}` });
    write(labelX, WIDTH / 2, HEIGHT + 28);
    write(labelY, -HEIGHT / 2, -39, { transform: "rotate(-90)" });
    const inside = add(plot, "svg", { width: WIDTH, height: HEIGHT }); // cuts off what lies outside

    const rows = all("output span");
    const behind = add(inside, "path");
    const drawn = [];
    for (let i = rows.length; i--; ) { // the first comes to lie on top
      const style = { class: rows[i].className };
      drawn[i] = [add(inside, "path", style), add(inside, "circle", { ...style, r: 3.5 })];
    }
    const fields = all("input");
    const sliders = fields.filter(({ type }) => type === "range");
    const texts = fields.filter((field) => !sliders.includes(field));
    const said = figure.querySelector("samp");
    const line = (points) => "M" + points.map((p) => place(p).map((z) => z.toFixed(1))).join("L");
    const draw = () => {
      const settings = sliders.map((slider) => {
        const { base } = slider.dataset;
        const value = base ? base ** slider.value : +slider.value;
        slider.ariaValueText = slider.nextSibling.textContent = value.toLocaleString("en");
        return value;
      });
      const now = curves[figure.dataset.live](...settings, ...texts.map((text) => text.value));
      behind.setAttribute("d", now.slice(rows.length).map(([points]) => line(points)).join(""));
      drawn.forEach(([path, circle], i) => {
        const [points, dot, number] = now[i];
        path.setAttribute("d", line(points));
        circle.setAttribute("transform", `translate(${place(dot)})`);
        rows[i].querySelector("b").textContent = digits(number);
      });
      if (said) said.textContent = now.says;
      const words = all("label, output > *").map((row) => row.textContent);
      svg.ariaLabel = `${labelY} against ${labelX}. ${words.join("; ")}`;
    };
    figure.addEventListener("input", draw);
    figure.querySelector("button").addEventListener("click", () => {
      for (const field of fields) field.value = field.defaultValue;
      draw();
    });
    draw();
  };

  window.live = { models, curves, range, curve, turned };
  // Drawn when the reader comes near: nothing else waits for it.
  const near = new IntersectionObserver((changes) => {
    for (const { isIntersecting, target } of changes) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      build(target);
    }
  }, { rootMargin: "300px" });
  // By then the scripts of the figures have run, which come after this one.
  document.addEventListener("DOMContentLoaded", () =>
    document.querySelectorAll(".live").forEach((figure) => near.observe(figure)));
})();
